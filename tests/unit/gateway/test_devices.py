"""Device tokens: who has signed in on a device before."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.auth.devices import Devices


def test_a_device_is_known_however_the_login_is_typed() -> None:
    devices = Devices(Ed25519PrivateKey.generate(), lambda: 0.0)
    device = devices.read(devices.issue("wuhai", "u-1", "Zhao", None), "wuhai")
    assert device is not None
    assert [devices.knows(device, "wuhai", login) for login in ("zhao", "ＺＨＡＯ", "zhang")] == [True, True, False]
