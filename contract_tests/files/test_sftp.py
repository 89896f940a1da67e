"""The same pickup over SFTP, with a server on the loopback."""

from __future__ import annotations

from pathlib import Path

from files.lines import by_line
from files.server import serving
from openreturns.files import Inbox, Pickup, SftpFolder


def test_files_are_taken_once_over_sftp_and_answered(tmp_path: Path) -> None:
    served = tmp_path / "served"
    for name in ("out", "in"):
        (served / name).mkdir(parents=True)
    (served / "out/a.txt").write_text("b1:1:pump\nb1:bad\n")
    (served / "out/b.txt.filepart").write_text("b2:1:val")
    inbox = Inbox(tmp_path / "inbox.sqlite")
    with serving(served) as session:
        source = SftpFolder(session, "/out", settled=0)
        pickup = Pickup(source, inbox, by_line, tmp_path / "home", answers=SftpFolder(session, "/in", settled=0))
        [taken] = pickup.run()
        assert (taken.name, taken.taken, taken.refused) == ("a.txt", 1, 1)
        assert pickup.run() == []
        (served / "out/again.txt").write_text("b1:1:pump\nb1:bad\n")
        assert [one.repeated_file for one in pickup.run()] == [True]
    assert [record.data for record in inbox.waiting()] == [b"b1:1:pump"]
    assert [path.read_text() for path in (served / "in").glob("*.edi")] == ["2 lines"]
    assert [path.name for path in (served / "out").rglob("*") if path.is_file()] == ["b.txt.filepart"]
    inbox.close()


def test_a_file_that_another_worker_claims_first_is_left_to_it(tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir()
    (served / "a.txt").write_text("b1:1:pump\n")
    with serving(served) as session:
        one, other = (SftpFolder(session, "/", settled=0) for _ in range(2))
        assert one.waiting() == other.waiting() == ["a.txt"]
        token = one.claim("a.txt")
        assert token is not None
        assert other.claim("a.txt") is None
        assert one.claimed() == [token]
        one.finish(token)
        assert other.state(token) is None
        assert other.open(token) is None
        one.finish(token)


def test_a_file_of_a_day_ago_is_whole_and_one_of_now_is_not(tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir()
    (served / "a.txt").write_text("b1:1:pump\n")
    changed = (served / "a.txt").stat().st_mtime
    with serving(served) as session:
        assert SftpFolder(session, "/", settled=60, clock=lambda: changed).waiting() == []
        assert SftpFolder(session, "/", settled=60, clock=lambda: changed + 61).waiting() == ["a.txt"]
