"""English labels for codes in the data of problems, where the code in plain words says too little."""

from __future__ import annotations

from services.cases.case.acts import Act
from services.cases.case.texts_zh import Labels
from vocabulary.roles import Permission

ACTS: Labels = {**Permission.en_names(), **Act.en_names()}

LISTS: Labels = {
    "duties": "list of duties",
    "public_services": "list of public services",
    "territorial": "list of territorial matters",
}
NO_MERGE: Labels = {
    "itself": "a case cannot be merged into itself",
    "personal_claim": "a personal claim stays a case of its own",
    "target_not_open": "the case to merge into is no longer open",
    "complaint": "they are not complaints about the same unit",
    "not_screened": "a confidential report is not screened yet",
    "has_children": "other cases are merged into this one",
}
NO_GROUNDS: Labels = {
    "not_founded": "no review was founded",
    "not_breached": "no limit was breached",
    "not_low": "satisfaction is not low",
}
