"""What sys4's collector, fetcher and reporter do with texts, written from the description of their formats, with Python's own json module.

sys4_programs.py collect    takes a list of datagrams, prints for each domain what a fetcher prints about it
sys4_programs.py respell    takes a list of such texts, prints them as json.dumps spells them, the texts within as well
sys4_programs.py group      takes for each domain a list of such texts, prints what a reporter makes of them together
"""

import json
import sys


def collect(datagrams):
    tally = {}
    for datagram in map(json.loads, datagrams):
        domain = datagram["d"].lower().removesuffix(".")
        records = tally.setdefault(domain, {})
        for policy in datagram["policies"]:
            failures = policy.pop("failure-details", [])
            policy.pop("t", None)
            failed = policy.pop("f", 0) != 0
            policies = records.setdefault(datagram.get("pr", ""), {})
            add(policies, json.dumps(policy), 1, int(failed), [(json.dumps(failure), 1) for failure in failures])
    return {domain: json.dumps({"d": domain, "policies": records}) + "\n" for domain, records in tally.items()}


def add(policies, policy, total, failed, failures):
    count = policies.setdefault(policy, {"cntrtotal": 0, "cntrfailure": 0, "failures": {}})
    count["cntrtotal"] += total
    count["cntrfailure"] += failed
    for failure, sessions in failures:
        count["failures"][failure] = count["failures"].get(failure, 0) + sessions


def respell(texts):
    def dumped(text):
        return json.dumps(json.loads(text))

    def count(of):
        return {**of, "failures": {dumped(failure): sessions for failure, sessions in of["failures"].items()}}

    def one(text):
        domain = json.loads(text)
        domain["policies"] = {
            record: {dumped(policy): count(of) for policy, of in policies.items()}
            for record, policies in domain["policies"].items()
        }
        return json.dumps(domain) + "\n"

    return [one(text) for text in texts]


def group(domains):
    return [grouped(texts) for texts in domains]


def grouped(texts):
    records = {}
    for domain in map(json.loads, texts):
        for record, policies in domain["policies"].items():
            for policy, of in policies.items():
                add(records.setdefault(record, {}), policy, of["cntrtotal"], of["cntrfailure"], of["failures"].items())
    return records


json.dump({"collect": collect, "respell": respell, "group": group}[sys.argv[1]](json.load(sys.stdin)), sys.stdout)
