from __future__ import annotations

from fastapi import APIRouter

from gateway.asking import Parts

PATH = "/v1/photos"


def add_to(router: APIRouter, parts: Parts) -> None:
    pass
