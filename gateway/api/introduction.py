"""Introduction to the API reference: sign-in, the steps of a case, and where codes come from."""

from __future__ import annotations

INTRODUCTION = """
Neighbourhood-level city governance: report a matter, see it solved, rate the result.

Sign in at `POST /v1/sessions` and send the token as `Authorization: Bearer …`. Errors are problem details
(RFC 9457) in Chinese or English, as `Accept-Language` asks. Unsafe methods take an `Idempotency-Key`. Versioned
resources return their version as `ETag` and accept it in `If-Match`. A list returns a `cursor`; send it for the next
page. Moments name their time zone; moments and days lie in the years 1900 to 2199. No text holds control characters
other than line breaks and tabs, or characters that turn the direction of writing.

## The steps of a case

Report a matter with `POST /v1/cases`; each further step is a POST below `/v1/cases/{case}/`. A step that the
current state does not allow returns 409 with the states that do.

1. `verify` the report with a photo or a note. Staff reports, matters without a place to inspect, and P1 skip this.
2. `register` the case, which starts its clock. Or `reject` it, or `solve-on-the-spot`.
3. `dispatch` it to one lead, who must `accept` it. Or `whistle` for a lead and supporting units, who `report-in`.
4. `start` the work, `contact` the party if there is one, and `resolve` the case.
5. Name an `inspector`, who must `inspect` the result: it passes, or the lead starts again.
6. A party may `rate` the case, or the hotline may `call-back`, and the case closes. It also closes after seven
   days of silence, or at once if nobody can rate it. A party may `reopen` it within 15 days.

`GET /v1/cases/{case}` returns the current state, `GET /v1/cases/{case}/history` the steps so far, and
`GET /v1/work/to_do` the caller's pending work. `GET /v1/cases` finds a case by the `number` that its reporter says on
the phone.

## Where codes come from

- `category`: `GET /v1/tenant` lists the city's categories under `categories`.
- `path` and `area`: the `path` of a row of `GET /v1/divisions` (the root, or the divisions below `parent`) or of
  `GET /v1/grids`. `GET /v1/locate` finds the rows for a point.
- `lead` and `unit`: the id of a department (`GET /v1/units`), or the division code of a street, community or
  centre. `GET /v1/cases/{case}/suggested-units` returns the lead that the responsibility lists name.
"""
