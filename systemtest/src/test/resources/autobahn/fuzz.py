# Runs the suite's fuzzing client: servers (name=URL, with commas), cases and cases left out (likewise),
# folder of the report.
import sys

from autobahntestsuite import wstest

wstest.start(
    {"mode": "fuzzingclient"},
    {
        "options": {"failByDrop": False},
        "outdir": sys.argv[4],
        "servers": [
            {"agent": name, "url": url, "options": {"version": 18}}
            for name, url in (one.split("=", 1) for one in sys.argv[1].split(","))
        ],
        "cases": sys.argv[2].split(","),
        "exclude-cases": [one for one in sys.argv[3].split(",") if one],
        "exclude-agent-cases": {},
    },
)
