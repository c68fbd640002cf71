"""Translator from a form to an XLSForm: the rows of its sheets, for a file or for `pyxform`.

A question is named by the code of its field, so that a form that comes back finds its fields again. Names of ours begin
with a capital letter, which no code does. For a phone, the form also knows the subjects of its task: see `phone`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from services.residents.dictionary.model import CODED, Field
from services.residents.forms.model import Asked, FormTemplate

#: The languages of a form, as XLSForm writes them, with the field of the dictionary that has their words.
LANGUAGES = {"中文 (zh)": "zh", "English (en)": "en"}
#: The question for whom a phone's form is filled.
SUBJECT = "Subject"
Row = dict[str, str]
Workbook = dict[str, list[Row]]

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SECTION = "Section"
_TYPES = {"text": "text", "whole": "integer", "decimal": "decimal", "date": "date"}
_SELECTS = {"choice": "select_one", "choices": "select_multiple"}
_KEPT = {"zh": "已登记，不填则保持不变", "en": "It is known; leave it empty to keep it as it is"}
_WHO = {"zh": "为谁填报", "en": "About"}


def workbook(template: FormTemplate, fields: Mapping[str, Field]) -> Workbook:
    """Returns the form as people exchange it. `fields`: those of the dictionary; retired ones are not asked."""
    survey = list(_survey(template, fields, ""))
    settings = {"form_title": said(template.title), "form_id": template.key, "version": str(template.edition)}
    return {
        "survey": survey,
        "choices": list(_choices(template, fields)),
        "settings": [settings | {"default_language": next(iter(LANGUAGES))}],
    }


def phone(template: FormTemplate, fields: Mapping[str, Field], task: str, version: str) -> Workbook:
    """Returns the form of one task, which asks about a subject of its list and is filled with what is known of it.

    A sensitive value never reaches the phone: it is asked without being shown, and what is left empty stays.
    """
    book, subjects = workbook(template, fields), list_of(task)
    who = {"type": f"select_one_from_file {subjects}.csv", "name": SUBJECT, "required": "yes"} | _words("label", _WHO)
    book["survey"] = [who, *_survey(template, fields, subjects)]
    book["settings"] = [book["settings"][0] | {"form_id": task, "version": version}]
    book["entities"] = [{"list_name": subjects, "entity_id": f"${{{SUBJECT}}}"}]
    return book


def list_of(task: str) -> str:
    """Returns the name of the entity list of a task: a phone keeps lists of one name together."""
    return f"subjects_{task}"


def value_of(field: str) -> str:
    """Returns the name of the property with the value of a field that is shown."""
    return f"value_{field}"


def kept_of(field: str) -> str:
    """Returns the name of the property that says that a value is known and not shown."""
    return f"kept_{field}"


def said(text: str) -> str:
    """Returns words of people as a form shows them: without references, and without what XML cannot hold."""
    return _NOT_IN_XML.sub("", text).replace("${", "＄{")


def asked(template: FormTemplate, fields: Mapping[str, Field]) -> list[Asked]:
    """Returns the questions that a form can ask now: of fields in use that still offer a choice."""
    return [each for each in template.questions if each.field in fields and _in_use(fields[each.field])]


def _in_use(field: Field) -> bool:
    return not field.retired and (field.kind not in CODED or any(not each.retired for each in field.choices))


def _survey(template: FormTemplate, fields: Mapping[str, Field], subjects: str) -> Iterator[Row]:
    questions = asked(template, fields)
    before = {each.field for each in questions}
    for place, (section, inside) in enumerate(groupby(questions, lambda each: each.section)):
        name = f"{_SECTION}{place}"
        title = said(section or template.title)
        yield {"type": "begin_group", "name": name} | _words("label", {"zh": title, "en": title})
        for question in inside:
            relevant = _relevant(question, before, subjects)
            if relevant is not None:
                yield _question(question, fields[question.field], subjects) | relevant
        yield {"type": "end_group", "name": name}


def _relevant(question: Asked, before: set[str], subjects: str) -> Row | None:
    """Returns when it is asked; None for never. What is not asked any more decides by what is known, on a phone."""
    if not question.only_field:
        return {}
    if question.only_field not in before and not subjects:
        return None
    answer = f"${{{question.only_field}}}"
    if question.only_field not in before:
        answer = f"{_item(subjects)}/{value_of(question.only_field)}"
    return {"relevant": " or ".join(f"selected({answer}, '{code}')" for code in question.only_among)}


def _question(question: Asked, field: Field, subjects: str) -> Row:
    row = {"type": _type(field), "name": field.key} | _words("label", _label(field))
    if question.required:
        row["required"] = "yes"
        row |= _words("required_message", {"zh": "此项必填", "en": "An answer is required"})
    row |= _limits(question, field)
    return row | (_known(question, field, subjects) if subjects else {})


def _item(subjects: str) -> str:
    return f"instance('{subjects}')/root/item[name = ${{{SUBJECT}}}]"


def _known(question: Asked, field: Field, subjects: str) -> Row:
    """Returns the columns that fill the question with what is known of the subject that was chosen."""
    item, row = _item(subjects), Row()
    if question.required:
        row["required"] = f"string-length({item}/{kept_of(field.key)}) = 0"
    if field.is_sensitive:
        return row | _words("hint", _KEPT)
    shown = value_of(field.key)
    return row | {"trigger": f"${{{SUBJECT}}}", "calculation": f"{item}/{shown}", "save_to": shown}


def _type(field: Field) -> str:
    return f"{_SELECTS[field.kind]} {field.key}" if field.kind in CODED else _TYPES[field.kind]


def _label(field: Field) -> dict[str, str]:
    measure = f" ({said(field.measure)})" if field.measure else ""
    return {"zh": said(field.zh) + measure, "en": said(field.en) + measure}


def _limits(question: Asked, field: Field) -> Row:
    limits = ((">=", question.least), ("<=", question.most))
    given = [(sign, number(limit)) for sign, limit in limits if limit is not None]
    if field.kind == "text":
        too_long = {"zh": "最多 500 字", "en": "At most 500 characters"}
        return {"constraint": "string-length(.) <= 500"} | _words("constraint_message", too_long)
    if not given:
        return {}
    zh = "，".join(f"{'不小于' if sign == '>=' else '不大于'} {limit}" for sign, limit in given)
    en = ", ".join(f"at {'least' if sign == '>=' else 'most'} {limit}" for sign, limit in given)
    words = _words("constraint_message", {"zh": f"须{zh}", "en": f"It must be {en}"})
    return {"constraint": " and ".join(f". {sign} {limit}" for sign, limit in given)} | words


def number(limit: float) -> str:
    """Returns a limit as XPath 1.0 reads it, which knows no exponents."""
    return str(int(limit)) if limit == int(limit) else f"{limit:.15f}".rstrip("0").rstrip(".")


def _choices(template: FormTemplate, fields: Mapping[str, Field]) -> Iterator[Row]:
    for question in asked(template, fields):
        for choice in fields[question.field].choices:
            if not choice.retired:
                words = _words("label", {"zh": said(choice.zh), "en": said(choice.en)})
                yield {"list_name": question.field, "name": choice.code} | words


def _words(column: str, words: Mapping[str, str]) -> Row:
    return {f"{column}::{language}": words[code] for language, code in LANGUAGES.items()}
