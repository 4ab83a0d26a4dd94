"""The sandbox CRM: an embedded stand-in of the Tabys backend for the demo and for tests."""

from sandbox.crm.faults import Fault, Faults
from sandbox.crm.server import CrmServer

__all__ = ["CrmServer", "Fault", "Faults"]
