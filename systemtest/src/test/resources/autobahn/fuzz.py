# Runs the suite's fuzzing client: URL, cases and cases left out (with commas), folder of the report.
import sys

from autobahntestsuite import wstest

wstest.start(
    {"mode": "fuzzingclient"},
    {
        "options": {"failByDrop": False},
        "outdir": sys.argv[4],
        "servers": [{"agent": "millrace", "url": sys.argv[1], "options": {"version": 18}}],
        "cases": sys.argv[2].split(","),
        "exclude-cases": [one for one in sys.argv[3].split(",") if one],
        "exclude-agent-cases": {},
    },
)
