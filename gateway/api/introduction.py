"""What the description of the API says first: how to sign in, the steps of a case, and where codes come from."""

from __future__ import annotations

INTRODUCTION = """
Neighbourhood-level city governance: report a matter, see it solved, say whether it was.

Sign in at `POST /v1/sessions` and send the token as `Authorization: Bearer …`. Errors are problems after
RFC 9457, in Chinese or English by `Accept-Language`. Unsafe methods take an `Idempotency-Key`; what has a
version answers it as `ETag` and takes `If-Match`.

## The steps of a case

`POST /v1/cases` reports it; each further step is a POST below `/v1/cases/{case}/`. A step that is not possible
now answers 409 and names the states in which it is.

1. `verify`, with a photo or note. Not needed for what staff report, what has no place to look at, and P1.
2. `register`: the clock starts. Or `reject`, or `solve-on-the-spot`.
3. `dispatch` to one lead, who takes it with `accept`. Or `whistle` for a lead and further units, who `report-in`.
4. `start`, `contact` with the party where there is one, and `resolve`.
5. `inspector` names one; `inspect`: passed, or back to the lead, who starts again.
6. `rate` by a party, or `call-back` by the hotline. It closes by itself then, after seven days of silence, and at
   once where nobody is there to rate. A party may `reopen` it within 15 days.

`GET /v1/cases/{case}` says where it stands, `GET /v1/cases/{case}/history` how it came there, and
`GET /v1/work/to_do` what waits for the caller.

## Where codes come from

- `category`: `GET /v1/tenant` lists the city's under `categories`.
- `path` and `area`: the `path` of a row of `GET /v1/divisions` (the root; with `parent` what lies below it) or of
  `GET /v1/grids`; `GET /v1/locate` finds the rows of a point.
- `lead` and `unit`: the id of a department (`GET /v1/units`), or the division's code of a street, community or
  centre. `GET /v1/cases/{case}/suggested-units` says which lead the responsibility lists name.
"""
