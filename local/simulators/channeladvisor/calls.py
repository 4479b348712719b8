"""An authorised request, and the answers that are put together from entities."""

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug import Request, Response

from local.simulators.channeladvisor.bodies import odata_response
from local.simulators.channeladvisor.entities import Entity
from local.simulators.channeladvisor.queries import entity_body, list_body, read_query
from local.simulators.channeladvisor.refusals import no_resource
from local.simulators.channeladvisor.state import Account, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One authorised request."""

    request: Request
    application: str
    account: Account
    state: State
    page_size: int

    @property
    def origin(self) -> str:
        """Scheme and host that the caller used, for links."""
        return self.request.host_url.rstrip("/")

    @property
    def arguments(self) -> dict[str, str]:
        """The query string."""
        return self.request.args.to_dict()


def list_answer(call: Call, entities: Sequence[Entity], entity: type[Entity], *, short_pages: bool = False) -> Response:
    """A page of these, with the caller's options."""
    body = list_body(
        entities,
        read_query(call.arguments, entity),
        entity=entity,
        arguments=call.arguments,
        origin=call.origin,
        path=call.request.path,
        page_size=call.page_size,
        short_pages=short_pages,
    )
    return odata_response(body, 200)


def single_answer(call: Call, entity: Entity, status: int = 200) -> Response:
    """One entity, with the caller's options."""
    selection = read_query(call.arguments, type(entity)).selection
    return odata_response(entity_body(entity, selection, origin=call.origin), status)


def children_answer(call: Call, parent: Entity, navigation: str) -> Response:
    """A page of what stands behind a navigation."""
    entity = parent.NAVIGATIONS.get(navigation)
    if entity is None:
        raise no_resource(call.request.path)
    return list_answer(call, parent.children(navigation), entity)
