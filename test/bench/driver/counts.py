"""System calls and instructions of a program, as strace and callgrind count them."""
import os


def system_calls_from(table):
    """The sum of the column `calls` of `strace -c`."""
    total = 0
    for line in table.splitlines():
        words = line.split()
        # % time, seconds, usecs/call, calls, [errors,] name
        if len(words) < 5 or words[-1] == "total" or not words[0].replace(".", "").isdigit():
            continue
        total += int(words[3])
    if total == 0:
        raise ValueError("no calls in what strace wrote")
    return total


def instructions_from(profile):
    """The whole of a callgrind file: its last line `totals:`, or `summary:` where that is missing."""
    found = {}
    for line in profile.splitlines():
        name, colon, value = line.partition(":")
        if colon and name in ("totals", "summary"):
            found[name] = int(value.split()[0])
    if not found:
        raise ValueError("no totals in what callgrind wrote")
    return found.get("totals", found.get("summary"))


def each_of(fewer, more, dials_fewer, dials_more):
    """What one dial costs, without what the program costs that is there for them."""
    return (more - fewer) / (dials_more - dials_fewer)


def counting_command(tool, folder):
    """The words before the program, and the file that has the count afterwards."""
    path = os.path.join(folder, tool + ".out")
    if tool == "strace":
        return ["strace", "-f", "-c", "-o", path], path
    return ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + path], path


def take(path):
    """What the tool wrote, which is gone afterwards."""
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    os.remove(path)
    return text
