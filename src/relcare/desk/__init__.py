"""Store, policy and clock together: what an application asks all day. The only room that knows what time it is.

`Desk` refuses nobody; `GuardedDesk` decides about every call by the rules of access, and writes it down.
"""

from relcare.desk._caller import Caller
from relcare.desk._client_file import ClientFile
from relcare.desk._clock import Clock, SystemClock
from relcare.desk._desk import Desk
from relcare.desk._exports import EXPORT_FORMS, Export, ExportForm, TableForm
from relcare.desk._guarded_desk import GuardedDesk, Visit
from relcare.desk._visit_queries import ClientFiles

__all__ = [
    "EXPORT_FORMS",
    "Caller",
    "ClientFile",
    "ClientFiles",
    "Clock",
    "Desk",
    "Export",
    "ExportForm",
    "GuardedDesk",
    "SystemClock",
    "TableForm",
    "Visit",
]
