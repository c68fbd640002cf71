"""Bad input through the whole site: refused by name, never a fault of ours, and nothing of it is kept."""

from __future__ import annotations

import csv
import json
import struct
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from launcher.imports import cases as import_cases
from launcher.imports.progress import Counts
from launcher.problems import Stopped
from launcher.servers.process import wait_until
from tests.integration.security.foreign import send_photo
from tests.servers.city import COMMUNITY, COUNTY, DRAIN, City

REPORT = {"category": DRAIN, "place": {"path": COMMUNITY}, "text": "雨水箅子破损"}
OPERATORS: list[Any] = [{"$ne": None}, {"$gt": ""}, {"$where": "1"}, ["$ne"], None]


def fields(answer: Any) -> set[str]:
    assert answer.status_code == 422, answer.text
    return {field["field"] for field in answer.json()["fields"]}


def cases_of(city: City) -> int:
    return city.site.collections("cases").cases.count_documents({"tenant": city.tenant})


@pytest.mark.parametrize("value", OPERATORS)
def test_a_query_operator_where_a_text_belongs_is_refused_by_the_name_of_the_field(city: City, value: Any) -> None:
    before = cases_of(city)
    assert fields(city.post("resident", "/v1/cases", {**REPORT, "category": value})) == {"category"}
    assert fields(city.post("resident", "/v1/cases", {**REPORT, "place": {"path": value}})) == {"place.path"}
    assert "login" in str(
        fields(city.post("admin", "/v1/sessions", {"tenant": city.tenant, "login": value, "password": "x"}))
    )
    assert fields(city.post("hotline", "/v1/hotline/callers-cases", {"phone": value})) == {"phone"}
    assert cases_of(city) == before


@pytest.mark.parametrize(
    "query", ["state[$ne]=CLOSED", "category[$regex]=.*", "area[]=/1503/", "$where=1", "unit=a&unit=b"]
)
def test_a_query_operator_in_an_address_is_refused(city: City, query: str) -> None:
    assert fields(city.http("centre").get(f"/v1/cases?{query}"))


@pytest.mark.parametrize("words", ["$ne", '{"$ne":null}', "a.b.$where"])
def test_a_text_that_looks_like_an_operator_is_only_a_text(city: City, words: str) -> None:
    case = city.report(text=words).json()["id"]
    assert city.http("street").get(f"/v1/cases/{case}").json()["text"] == words
    assert city.http("centre").get("/v1/cases", params={"unit": words[:3]}).json()["items"] == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"text": "长" * 2001}, "text"),
        ({"category": "c" * 65}, "category"),
        ({"place": {"path": COMMUNITY, "address": "路" * 201}}, "place.address"),
        ({"place": {"path": "/1503/" * 40}}, "place.path"),
        ({"photos": ["p"] * 21}, "photos"),
        ({"reporter": {"phone": "1" * 21}}, "reporter.phone"),
    ],
)
def test_an_overlong_text_is_refused_by_the_name_of_its_field(city: City, change: dict[str, Any], named: str) -> None:
    before = cases_of(city)
    assert fields(city.post("resident", "/v1/cases", {**REPORT, **change})) == {named}
    assert cases_of(city) == before


@pytest.mark.parametrize(
    "place", [{"lon": 181}, {"lat": -91}, {"lon": "106"}, {"lon": True}, {"path": "1503"}, {"path": "/1503/../"}]
)  # fmt: skip
def test_a_point_or_path_that_is_none_is_refused(city: City, place: dict[str, Any]) -> None:
    refused = city.post("resident", "/v1/cases", {**REPORT, "place": {"path": COMMUNITY, **place}})
    assert fields(refused) == {f"place.{name}" for name in place}


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [106.8, 39.6]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[106, 39], [107, 39], [106, 39]]]},
        {"type": "Polygon", "coordinates": [[[106, 39], [107, 40], [107, 39], [106, 40], [106, 39]]]},
        {"type": "Polygon", "coordinates": [[[106, 39], [207, 39], [107, 40], [106, 39]]]},
        {"type": "Polygon", "coordinates": [[["x", "y"], ["x", "y"], ["x", "y"], ["x", "y"]]]},
        {"type": "Polygon", "coordinates": [[[106, 39], [107, {"$ne": 1}], [107, 40], [106, 39]]]},
        {"type": "FeatureCollection", "features": []},
        {"$geoWithin": 1},
        "Polygon",
    ],
    ids=[
        "a point", "empty", "two corners", "crosses itself", "off the earth", "words", "operator", "features",
        "bare operator", "a word",
    ],
)  # fmt: skip
def test_a_bad_geometry_draws_nothing(city: City, geometry: Any) -> None:
    drawn = city.http("admin").put(
        "/v1/divisions/150302003014/outline", json={"outline": geometry}, headers={"Idempotency-Key": "draw"}
    )
    assert drawn.status_code == 422, drawn.text
    grid = {"code": "150302003014909", "name": "网格", "level": "base", "above": "150302003014", "geometry": geometry}
    assert city.post("admin", "/v1/grids", grid).status_code == 422
    assert city.http("admin").get("/v1/grids/150302003014909").status_code == 404


def bomb() -> bytes:
    """A PNG of a few hundred kilobytes that says it is 30,000 pixels square."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(30_000 * 3_751), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 415),
        (b"<script>alert(1)</script>", 415),
        (b"\xff\xd8\xff\xe0 not a photo", 415),
        (b"GIF89a" + bytes(100), 415),
        (bomb(), 413),
        (b"\xff\xd8\xff" + bytes(12 * 1024 * 1024), 413),
    ],
    ids=["nothing", "a script", "a false head", "another format", "a bomb", "too large"],
)
def test_a_photo_that_is_none_or_a_bomb_is_refused_and_not_kept(city: City, content: bytes, status: int) -> None:
    refused = send_photo(city, "resident", content, f"{status}-{len(content)}")
    assert refused.status_code == status, refused.text
    assert refused.headers["content-type"] == "application/problem+json"


def test_broken_rows_of_a_file_are_reported_the_rest_goes_on_and_it_is_resumable(city: City, tmp_path: Path) -> None:
    good = [f"N-{number},{DRAIN},{COMMUNITY},REGISTERED,第{number}件" for number in range(450)]
    broken = {
        10: f"N-x,{DRAIN},{COMMUNITY},REGISTERED",
        200: f'N-y,{DRAIN},{COMMUNITY},REGISTERED,"never closed',
        300: f"N-z,no.such.category,{COMMUNITY},REGISTERED,字",
        410: f"N-w,{DRAIN},{COMMUNITY},NO_SUCH_STATE,字",
    }
    lines = ["number,category,path,state,text", *good]
    for line, row in broken.items():
        lines.insert(line - 1, row)
    file, report = tmp_path / "cases.csv", tmp_path / "rejected.csv"
    file.write_text("\n".join(lines), encoding="utf-8")

    class Cut(Exception):
        """The power goes."""

    def cut(counts: Counts) -> None:
        raise Cut

    take = (city.operator, city.tenant, file, report, tmp_path / "progress", "old-system")
    with pytest.raises(Cut):
        import_cases.import_file(*take, cut)
    before = cases_of(city)
    done = import_cases.import_file(*take)
    assert (done.read, done.made, done.rejected) == (454, 450, len(broken))
    assert 0 < cases_of(city) - before < 450
    with report.open(encoding="utf-8", newline="") as rejected:
        head, *rows = csv.reader(rejected)
    assert head == ["line", "result", "id", "reason", "原因"]
    refused = [row for row in rows if row[1] == "rejected"]
    assert [int(line) for line, *_ in refused] == sorted(broken)
    assert all(english and not chinese.isascii() for *_, english, chinese in refused)
    [first] = [case for line, _, case, _, _ in rows if line == "2"]
    assert city.http("centre").get(f"/v1/cases/{first}").json()["text"] == "第0件"
    again = import_cases.import_file(*take)
    assert (again.made, again.known) == (0, 450)


@pytest.mark.parametrize("name", ["year-0001-plus-8.csv", "year-0001-utc.csv"])
def test_a_row_with_the_empty_date_of_dotnet_is_rejected_alone(city: City, tmp_path: Path, name: str) -> None:
    file, report = tmp_path / name, tmp_path / "report.csv"
    content = (Path(__file__).parents[2] / "data" / name).read_text()
    file.write_text(content.replace("/nyc/", COMMUNITY).replace("component.road.pavement", DRAIN))
    done = import_cases.import_file(city.operator, city.tenant, file, report, tmp_path / "progress")
    assert str(done) == "3 rows: 2 imported, 0 already present, 1 rejected"
    assert "3,rejected,,reported_at: it must lie in the years 1900 to 2199" in report.read_text()


def test_half_of_a_surrogate_pair_is_no_text(city: City) -> None:
    headers = {"Idempotency-Key": "surrogate", "Content-Type": "application/json"}
    body = json.dumps(REPORT | {"text": "\ud800"})
    assert fields(city.http("resident").post("/v1/cases", content=body, headers=headers)) == {"body"}


def test_a_file_of_something_else_is_refused_as_a_whole(city: City, tmp_path: Path) -> None:
    file = tmp_path / "photo.csv"
    file.write_bytes(bytes(range(256)) * 40)
    with pytest.raises(Stopped):
        import_cases.import_file(city.operator, city.tenant, file, tmp_path / "r.csv", tmp_path / "p")


def test_a_place_that_nobody_knows_may_still_come_and_then_is_refused(city: City) -> None:
    nowhere = {**REPORT, "place": {"path": f"{COUNTY}150302999/"}}
    first = city.post("resident", "/v1/cases", nowhere)
    assert (first.status_code, first.headers["retry-after"]) == (503, "1")
    city.site.advance(timedelta(seconds=6))
    wait_until(lambda: city.post("resident", "/v1/cases", nowhere).status_code != 503, 30)
    assert fields(city.post("resident", "/v1/cases", nowhere)) == {"place.path"}
