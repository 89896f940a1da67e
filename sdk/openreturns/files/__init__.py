"""Files as a transport: picked up from a folder or over SFTP, each record of them taken once, whatever happens.

`Pickup` claims files of a `Folder` (or `SftpFolder`), and an `Inbox` takes what is in them: the records, the reasons of
those that are refused, and what is to be answered, in one transaction of one SQLite file. Whoever processes the records
asks the inbox for those that are `waiting`. See docs/files.md.
"""

from openreturns.files._folders import Folder, SftpFolder
from openreturns.files._inbox import Inbox, Record, Refused, Taken
from openreturns.files._parts import Part, Parting, parting
from openreturns.files._pickup import Pickup

__all__ = ["Folder", "Inbox", "Part", "Parting", "Pickup", "Record", "Refused", "SftpFolder", "Taken", "parting"]
