"""Sign-in: guesses, no user enumeration, revocation, foreign identities; no personal data leaves the service."""

from __future__ import annotations

import json
import time
import urllib.request
from datetime import timedelta
from typing import Any

import pytest

from chassis.errors import RemoteProblem
from chassis.security.principal import Principal
from services.org.users.failed_sign_ins import FREE_FAILURES, WAIT
from services.org.users.sign_in import REFUSAL_SECONDS
from tests.integration.org.city import City
from tests.integration.org.client import OrgClient
from tests.integration.org.people import (
    COUNTY_PATH,
    PASSWORD,
    STREET_PATH,
    add_user,
    assign,
    gateway,
    open_post,
    signed_in,
    who,
)
from tests.servers.site import Site
from tests.unit.org.places import STREET

CHECKS = "linli_password_check_seconds_count "


def sign_in(city: City, login: str, password: str = PASSWORD) -> dict[str, Any]:
    answer: dict[str, Any] = city.ask("sign_in", by=gateway(city), login=login, password=password)
    return answer


def register(city: City, kind: str) -> str:
    user = {"login": f"{kind}-1", "password": PASSWORD, "name": "赵"}
    return str(city.ask("register", by=gateway(city), **user, kind=kind)["id"])


def refusal(city: City, login: str, password: str) -> dict[str, Any]:
    with pytest.raises(RemoteProblem) as refused:
        sign_in(city, login, password)
    return refused.value.wire


def test_the_right_password_lets_them_in_whatever_the_case_of_the_login(city: City) -> None:
    subject = add_user(city, "wang.li")
    answer = sign_in(city, " Wang.Li ".strip())
    assert answer["subject"] == subject
    assert answer["standings"][0]["roles"] == []


def test_an_unknown_login_gets_the_answer_of_a_wrong_password_after_the_same_check(city: City, org_site: Site) -> None:
    add_user(city, "known")

    def tried(login: str) -> tuple[dict[str, Any], float]:
        checks, started = password_checks(org_site), time.monotonic()
        answer = refusal(city, login, "not the password")
        assert time.monotonic() - started >= REFUSAL_SECONDS
        return answer, password_checks(org_site) - checks

    known, unknown = tried("known"), tried("unknown")
    assert known == unknown
    assert known[1] == 1


def password_checks(site: Site) -> float:
    """Returns how many passwords org has checked; tests/unit/org/test_users.py shows that each check runs argon2."""
    [org] = site.started
    with urllib.request.urlopen(org.part.ops_url + "/metrics") as answer:
        [line] = [line for line in answer.read().decode().splitlines() if line.startswith(CHECKS)]
    return float(line.removeprefix(CHECKS))


def test_strangers_who_guess_are_slowed_down_and_the_owner_on_a_known_device_is_not(city: City, org_site: Site) -> None:
    subject = add_user(city, "guessed")
    wrong = [refusal(city, "guessed", f"guess {number}") for number in range(FREE_FAILURES)]
    assert refusal(city, "guessed", PASSWORD) == wrong[0]
    known = {"login": "guessed", "password": PASSWORD, "device": "phone", "device_of": subject}
    assert city.ask("sign_in", by=gateway(city), **known)["subject"] == subject
    assert refusal(city, "guessed", PASSWORD) == wrong[0]
    someone_elses = {**known, "device_of": add_user(city, "guesser")}
    assert refused_to(city, gateway(city), "sign_in", **someone_elses) == "sign_in_failed"
    org_site.advance(WAIT)
    assert sign_in(city, "guessed")["subject"] == subject


def test_a_siege_from_everywhere_gets_no_more_guesses_than_the_bound_that_is_documented(
    city: City, org_site: Site
) -> None:
    subject = add_user(city, "besieged")
    users, looked_at = org_site.collections("org")["users"], 0
    for _ in range(12):
        for _ in range(2):
            before = users.find_one({"_id": f"{city.tenant}:{subject}"})["failed"]
            refusal(city, "besieged", "not the password")
            looked_at += users.find_one({"_id": f"{city.tenant}:{subject}"})["failed"] != before
        org_site.advance(timedelta(minutes=1))
    assert FREE_FAILURES < looked_at <= FREE_FAILURES + 12


def test_a_new_password_ends_the_tokens_from_before(city: City) -> None:
    subject = add_user(city, "changing")
    issued = time.time() - 3600
    changed = city.ask("change_password", by=signed_in(city, subject), old=PASSWORD, new="another orchard")
    assert changed == {"id": subject, "kind": "staff", "active": True}
    with pytest.raises(RemoteProblem) as refused:
        who(city, subject, issued=issued)
    assert refused.value.wire["status"] == 401
    assert sign_in(city, "changing", "another orchard")["subject"] == subject
    refusal(city, "changing", PASSWORD)


def test_a_token_from_before_a_reset_or_a_disable_is_revoked_whatever_second_it_is_of(city: City) -> None:
    subject, other = add_user(city, "reset"), add_user(city, "disabled")
    before = {login: sign_in(city, login)["revocations"] for login in ("reset", "disabled")}
    city.ask("reset_password", user=subject, new="another orchard")
    city.ask("disable_user", user=other)
    city.ask("enable_user", user=other)
    for user, login, password in ((subject, "reset", "another orchard"), (other, "disabled", PASSWORD)):
        with pytest.raises(RemoteProblem) as refused:
            who(city, user, revocations=before[login])
        assert refused.value.wire["status"] == 401
        assert who(city, user, revocations=sign_in(city, login, password)["revocations"])["subject"] == user


def test_a_stolen_session_cannot_guess_the_old_password_nor_keep_the_owner_out(city: City) -> None:
    subject = add_user(city, "stolen")
    for old in (*["guess"] * FREE_FAILURES, PASSWORD):
        with pytest.raises(RemoteProblem):
            city.ask("change_password", by=signed_in(city, subject), old=old, new="another orchard")
    assert sign_in(city, "stolen")["subject"] == subject


def test_a_refused_password_is_named_by_the_field_of_the_request(city: City) -> None:
    subject = add_user(city, "careless")
    for by, of, args in (
        (signed_in(city, subject), "change_password", {"old": PASSWORD, "new": "careless about it"}),
        (city.someone("tenant_admin"), "reset_password", {"user": subject, "new": "short"}),
        (city.someone("tenant_admin"), "add_user", {"login": "hasty", "password": "short", "name": "x"}),
    ):
        with pytest.raises(RemoteProblem) as refused:
            city.ask(of, by=by, **args)
        assert refused.value.wire["data"]["fields"][0]["field"] == ("password" if of == "add_user" else "new")


def test_a_disabled_user_is_signed_out_at_once_and_an_event_says_so(city: City) -> None:
    subject = add_user(city, "leaver")
    city.ask("disable_user", user=subject)
    with pytest.raises(RemoteProblem) as refused:
        who(city, subject)
    assert refused.value.wire["code"] == "unauthenticated"
    refusal(city, "leaver", PASSWORD)
    last = city.events("org.user.changed.v1")[-1]["data"]
    assert (last["id"], last["active"]) == (subject, False)


def test_an_administrator_cannot_take_over_a_superior(city: City) -> None:
    subject = add_user(city, "city-admin")
    assign(city, subject, open_post(city, "tenant_admin", "1503", "/1503/"), "/1503/")
    county_admin = city.someone("tenant_admin", area=COUNTY_PATH)
    with pytest.raises(RemoteProblem) as refused:
        city.ask("reset_password", by=county_admin, user=subject, new="mine from now on")
    assert refused.value.wire["code"] == "not_found"


def administrator(city: City, login: str, **terms: Any) -> tuple[str, str]:
    """Returns the subject and the assignment of an administrator of the whole tenant."""
    subject = add_user(city, login)
    given = assign(city, subject, open_post(city, "tenant_admin", "1503", "/1503/"), "/1503/", **terms)
    return subject, str(given["id"])


def test_the_only_administrator_neither_disables_themselves_nor_gives_up_the_post(city: City) -> None:
    subject, assignment = administrator(city, "first")
    acts = ("disable_user", {"user": subject}), ("end_assignment", {"assignment": assignment})
    for method, args in acts:
        assert refused_to(city, signed_in(city, subject), method, **args) == "org.last_administrator"
    administrator(city, "until-spring", valid_until="2099-03-01T00:00:00Z")
    other, _ = administrator(city, "disabled")
    city.ask("disable_user", user=other)
    for method, args in acts:
        assert refused_to(city, signed_in(city, subject), method, **args) == "org.last_administrator"
    administrator(city, "second")
    for method, args in reversed(acts):
        city.ask(method, **args)
    with pytest.raises(RemoteProblem):
        who(city, subject)


def test_many_posts_at_the_root_hide_no_administrator(city: City, org_site: Site) -> None:
    assignments = org_site.collections("org")["assignments"]
    clerk = assign(city, add_user(city, "clerk"), open_post(city, "counter_clerk", "1503", "/1503/"), "/1503/")
    row = assignments.find_one({"_id": f"{city.tenant}:{clerk['id']}"})
    more = [{"_id": f"{city.tenant}:!{number:03}", "subject": f"clerk-{number}"} for number in range(250)]
    assignments.insert_many([row | each for each in more])  # before the administrator in every order
    one, _ = administrator(city, "one")
    assert refused_to(city, signed_in(city, one), "disable_user", user=one) == "org.last_administrator"


def test_of_two_administrators_the_second_to_be_disabled_remains(city: City) -> None:
    (one, _), (other, _) = administrator(city, "one"), administrator(city, "other")
    city.ask("disable_user", by=signed_in(city, one), user=other)
    assert refused_to(city, city.admin, "disable_user", user=one) == "org.last_administrator"


def refused_to(city: City, by: Principal, method: str, **args: Any) -> str:
    with pytest.raises(RemoteProblem) as refused:
        city.ask(method, by=by, **args)
    return str(refused.value.wire["code"])


TAKEOVERS: list[tuple[str, dict[str, str]]] = [
    ("get_user", {}),
    ("reset_password", {"new": "mine from now on"}),
    ("link_identity", {"issuer": "https://id.example", "subject": "mine"}),
    ("disable_user", {}),
    ("enable_user", {}),
]


@pytest.mark.parametrize(("method", "args"), TAKEOVERS)
def test_only_an_administrator_of_the_whole_tenant_administers_users_without_a_post(
    city: City, method: str, args: dict[str, str]
) -> None:
    county_admin = city.someone("tenant_admin", area=COUNTY_PATH)
    resident = register(city, "resident")
    for subject in (resident, register(city, "courier"), add_user(city, "unposted")):
        assert refused_to(city, county_admin, method, user=subject, **args) == "not_found"
    assert city.ask(method, user=resident, **args)["id"] == resident


def test_a_post_that_has_ended_leaves_no_administrator_of_its_area(city: City) -> None:
    subject = add_user(city, "moved-on")
    given = assign(city, subject, open_post(city, "street_officer", STREET, STREET_PATH), STREET_PATH)
    county_admin = city.someone("tenant_admin", area=COUNTY_PATH)
    assert city.ask("get_user", by=county_admin, user=subject)["id"] == subject
    city.ask("end_assignment", assignment=given["id"])
    assert refused_to(city, county_admin, "get_user", user=subject) == "not_found"


def test_giving_a_resident_a_post_does_not_open_their_account(city: City) -> None:
    resident = register(city, "resident")
    county_admin = city.someone("tenant_admin", area=COUNTY_PATH)
    assign(city, resident, open_post(city, "street_officer", STREET, STREET_PATH), STREET_PATH)
    assert refused_to(city, county_admin, "reset_password", user=resident, new="mine from now on") == "not_found"


def test_only_an_administrator_of_the_whole_tenant_lists_its_users(city: City) -> None:
    county_admin = city.someone("tenant_admin", area=COUNTY_PATH)
    for kind in ("staff", "resident", "courier"):
        assert refused_to(city, county_admin, "list_users", kind=kind) == "org.not_administrator"


def test_only_the_gateway_may_authenticate_users(city: City) -> None:
    for method, args in (
        ("sign_in", {"login": "abc", "password": "x"}),
        ("principal_of", {"issuer": "", "subject": "x", "issued": 0}),
        ("register", {"login": "abc", "password": PASSWORD, "name": "x"}),
    ):
        with pytest.raises(RemoteProblem) as refused:
            city.ask(method, **args)
        assert refused.value.wire["code"] == "user.not_the_gateway"


def test_an_unknown_tenant_signs_nobody_in_and_stores_nothing(client: OrgClient, org_site: Site) -> None:
    nowhere = City(client, "atlantis")
    assert refusal(nowhere, "anybody", PASSWORD)["code"] == "sign_in_failed"
    with pytest.raises(RemoteProblem):
        nowhere.ask("register", by=gateway(nowhere), login="abc", password=PASSWORD, name="x")
    assert org_site.collections("org")["keys"].find_one({"_id": {"$regex": "^atlantis:"}}) is None


@pytest.mark.parametrize("kind", ["resident", "courier"])
def test_residents_and_couriers_register_themselves_and_act_for_themselves(city: City, kind: str) -> None:
    found = who(city, register(city, kind))
    assert (found["roles"], found["area"], found["purposes"]) == ([kind], "", [])


@pytest.mark.parametrize("kind", ["resident", "courier"])
def test_a_resident_or_courier_who_is_given_a_post_chooses_when_to_act_at_it(city: City, kind: str) -> None:
    subject = register(city, kind)
    before = who(city, subject)
    post = open_post(city, "tenant_admin", "150302", COUNTY_PATH)
    assign(city, subject, post, COUNTY_PATH)
    assert who(city, subject) == before
    assert who(city, subject, post)["roles"] == ["tenant_admin"]
    assert [each["post"] for each in sign_in(city, f"{kind}-1")["standings"]] == [post, ""]


def test_staff_without_a_chosen_post_act_at_their_first_one(city: City) -> None:
    subject = add_user(city, "newcomer")
    assert who(city, subject)["roles"] == []
    post = open_post(city, "street_officer", STREET, STREET_PATH)
    assign(city, subject, post, STREET_PATH)
    assert who(city, subject)["post"] == post


def test_nobody_registers_themselves_as_staff(city: City) -> None:
    user = {"login": "cunning", "password": PASSWORD, "name": "x"}
    with pytest.raises(RemoteProblem) as refused:
        city.ask("register", by=gateway(city), **user, kind="staff")
    assert refused.value.wire["data"]["fields"][0]["field"] == "kind"


def test_a_login_is_unique(city: City) -> None:
    add_user(city, "taken")
    with pytest.raises(RemoteProblem) as refused:
        city.ask("add_user", key="other", login="TAKEN", password=PASSWORD, name="x")
    assert refused.value.wire["code"] == "user.login_taken"


def test_a_foreign_identity_is_the_user_it_is_linked_to_and_nobody_before(city: City) -> None:
    issuer, foreign = "https://id.example", "li@example.org"
    subject = add_user(city, "linked")
    with pytest.raises(RemoteProblem) as refused:
        who(city, foreign, issuer=issuer)
    assert refused.value.wire["status"] == 401
    city.ask("link_identity", user=subject, issuer=issuer, subject=foreign)
    assert who(city, foreign, issuer=issuer)["subject"] == subject
    with pytest.raises(RemoteProblem) as taken:
        city.ask("link_identity", user=add_user(city, "second"), issuer=issuer, subject=foreign)
    assert taken.value.wire["code"] == "user.identity_taken"


def test_a_foreign_subject_that_looks_like_a_user_of_ours_is_nobody(city: City) -> None:
    subject = add_user(city, "target")
    with pytest.raises(RemoteProblem) as refused:
        who(city, subject, issuer="https://id.example")
    assert refused.value.wire["status"] == 401


def test_a_user_of_another_tenant_is_nobody_here(city: City, new_city: Any) -> None:
    subject = add_user(city, "ours")
    with pytest.raises(RemoteProblem) as refused:
        who(new_city(), subject)
    assert refused.value.wire["status"] == 401


def test_name_login_and_phone_are_sealed_at_rest_and_read_by_few_with_an_audit(city: City, org_site: Site) -> None:
    subject = add_user(city, "private-login", name="欧阳小明", phone="13912345678")
    stored = json.dumps(list(org_site.collections("org")["users"].find({"tenant": city.tenant})), default=str)
    log = json.dumps(city.events("org.user.changed.v1"))
    for secret in ("private-login", "欧阳小明", "13912345678", PASSWORD):
        assert secret not in stored
        assert secret not in log

    seen = city.ask("get_user", user=subject)
    assert (seen["name"], seen["phone"]) == ("欧阳小明", "13912345678")
    assert city.ask("list_users")["items"][0]["name"] == "欧阳小明"
    entries = org_site.collections("org")["audit"].find({"tenant": city.tenant, "subjects": subject})
    assert {entry["action"] for entry in entries} == {"org.user.read", "org.user.list"}
    with pytest.raises(RemoteProblem) as refused:
        city.ask("get_user", by=city.someone("street"), user=subject)
    assert refused.value.wire["status"] == 403
