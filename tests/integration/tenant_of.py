"""A tenant of org and one more service that tests call as the gateway does."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import msgspec

from chassis.errors import RemoteProblem
from chassis.security.principal import Principal
from launcher.servers.broker_topology import GATEWAY
from tests.servers.caller import Caller
from tests.servers.site import Site
from tests.servers.waiting import wait_for

next_key = itertools.count()


class TenantOf:
    """`ask(who, method, …)` asks `service` as that person, `ask_org` org. `known`: the replicas that it waits for."""

    service: ClassVar[str]
    known: ClassVar[dict[str, int]]

    def __init__(self, site: Site, tenant: str) -> None:
        self.site, self.tenant = site, tenant
        self.org, self.asked = (Caller(site.amqp(GATEWAY), site.keys, service) for service in ("org", self.service))

    def who(self, name: str, **facts: Any) -> Principal:
        raise NotImplementedError

    def ask(self, by: str | Principal, method: str, /, *, key: str | None = None, **args: Any) -> Any:
        """The answer; raises `RemoteProblem`. Each call has a key of its own unless one is given."""
        if_match = args.pop("if_match", None)
        return self._asked(self.asked, by, method, f"k{next(next_key)}" if key is None else key, if_match, args)

    def problem(self, by: str | Principal, method: str, /, **args: Any) -> dict[str, Any]:
        """The problem that it answers."""
        try:
            answer = self.ask(by, method, **args)
        except RemoteProblem as problem:
            return problem.to_wire()
        raise AssertionError(f"{method} was not refused but answered {answer}")

    def refused(self, by: str | Principal, method: str, /, **args: Any) -> str:
        """The code of the problem that it answers."""
        return str(self.problem(by, method, **args)["code"])

    def stored(self, collection: str, **where: Any) -> int:
        """How many of a collection of the service this tenant has."""
        return self.site.collections(self.service)[collection].count_documents({"tenant": self.tenant, **where})

    def ask_org(self, by: str, method: str, **args: Any) -> Any:
        return self._asked(self.org, by, method, f"k{next(next_key)}", None, args)

    def open_with(self, divisions: Sequence[tuple[str, str, str, str]]) -> None:
        self.ask_org("operator", "open_tenant", root="1503", tier="city", settings={"name": "乌海市"})
        rows = [
            {"line": line, "code": code, "parent": parent, "tier": tier, "name": name}
            for line, (code, parent, tier, name) in enumerate(divisions, start=2)
        ]
        # The root of the tree comes by an event of its own; a row that met it half made is taken the next time.
        wait_for(lambda: not self.ask_org("tenant_admin", "import_divisions", rows=rows)["rejected"])

    def known_here(self) -> Self:
        """Returns itself once the service knows what org has."""
        wait_for(lambda: all(self.stored(name) >= count for name, count in self.known.items()))
        return self

    def log(self) -> list[bytes]:
        """Every event of the tenant so far, as it went over the broker."""
        return self.site.log(self.tenant)

    def close(self) -> None:
        self.org.close()
        self.asked.close()

    def _asked(
        self, caller: Caller, by: str | Principal, method: str, key: str, if_match: int | None, args: Any
    ) -> Any:
        caller.principal = self.who(by) if isinstance(by, str) else by
        reply = caller(method, key, if_match, **msgspec.to_builtins(args))
        assert reply is not None, f"no answer to {method}"
        if "problem" in reply:
            raise RemoteProblem(reply["problem"])
        return reply["ok"]
