"""The sender of RPC replies stops only after it has sent all that are ready."""

from chassis.entrypoints.rpc_server import Requests


def test_an_end_that_comes_behind_replies_is_met_again() -> None:
    requests = Requests()
    requests._replies.put(("gateway", b"1"))
    requests._replies.put(None)
    assert requests._next_replies() == {"gateway": [b"1"]}
    assert requests._next_replies() is None
