"""A seller's order management system (OMS), in one of two ways.

`rest`: the OMS, or a thin shim in front of one, offers the contract of `docs/oms_openapi.yaml`; `rest.py` calls it.

`none`: the OMS works inside ChannelAdvisor. Nobody calls it, so there is no client at all (`shop.has_oms` is
false): the OMS finds the order in ChannelAdvisor, and what it does there is the evidence: a seller's order
number, the status PendingShipment, and fulfilments. `partners/channeladvisor` reads them (CA 4.1, 4.2).
"""
