"""Geohash cells of about 150 m: places in the same cell share a code, so an index finds what is near.

Seven characters (G. Niemeyer, 2008): 0.00137° wide and high.
"""

from __future__ import annotations

_ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"
_LENGTH = 7
_BITS = _LENGTH * 5
#: Of the 35 bits longitude has 18, starting with the first, and latitude 17.
_COLUMNS = 1 << (_BITS + 1) // 2
_ROWS = 1 << _BITS // 2


def cell_of(lon: float, lat: float) -> str:
    """Returns the cell of a point, in WGS 84 degrees: `cell_of(106.79, 39.66)`."""
    column = min(int((lon + 180) / 360 * _COLUMNS), _COLUMNS - 1)
    row = min(int((lat + 90) / 180 * _ROWS), _ROWS - 1)
    return _name(column, row)


def cell_at(lon: float | None, lat: float | None) -> str:
    """Returns the cell of a point; "" if there is none."""
    return "" if lon is None or lat is None else cell_of(lon, lat)


def neighbours(cell: str) -> list[str]:
    """Returns the cell and the eight around it; fewer at a pole. Wraps around at the 180th meridian."""
    column, row = _position(cell)
    return [
        _name((column + east) % _COLUMNS, row + north)
        for north in (0, 1, -1)
        for east in (0, 1, -1)
        if 0 <= row + north < _ROWS
    ]


def _name(column: int, row: int) -> str:
    number = 0
    for bit in range(_BITS):
        # Interleave column and row bits, most significant first.
        source, place = (column, _COLUMNS) if bit % 2 == 0 else (row, _ROWS)
        number = number << 1 | (source // (place >> (bit // 2 + 1)) & 1)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(_BITS - 5, -1, -5))


def _position(cell: str) -> tuple[int, int]:
    number = 0
    for letter in cell:
        number = number << 5 | _ALPHABET.index(letter)
    column = row = 0
    for shift in range(_BITS - 1, -1, -1):
        bit = number >> shift & 1
        if shift % 2 == 0:
            column = column << 1 | bit
        else:
            row = row << 1 | bit
    return column, row
