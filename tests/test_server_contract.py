"""What the description of the interface promises: every answer to every question is one it lists, and no write is open.

Questions are drawn from the description itself, those it allows and those it does not. The solver is a stand-in here:
what reads questions, lays workbooks over and applies changes is the real one.
"""

import copy

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

import serai.server.desk
import serai.server.hall
from serai.server.desk import open_desk
from serai.server.settings import Limits, Settings
from serving import ANALYST, READER, REVIEWER, TOKENS, Served

OPERATIONS = 26
PUBLIC = {"/api/v1/routes", "/api/v1/solve", "/api/v1/compare", "/api/v1/check", "/api/v1/session"}
"""What is asked by POST and changes nothing but, with a token, who the browser is taken for."""
ELSEWHERE = [checks.positive_data_acceptance, checks.ignored_auth]
"""A place that is not there is well formed and still a mistake (422); roles have tests of their own below."""
FILLED = {"key": "0" * 64, "claim": "x"}


class StandIn:
    """Answers at once what the equilibrium would answer."""

    def solve(self, package, changed, day, name):
        return {"as_of": day.isoformat(), "name": name, "changed": changed is not None, "digest": package.meta.digest}

    def gradient(self, package, day, place, most):
        return {"as_of": day.isoformat(), "objects": [], "place": place, "most": most}

    def compare(self, base, a, b, pairs, commodity):
        return {"a": a[1:], "b": b[1:], "pairs": pairs, "commodity": commodity}

    def decide(self, package, day, draws):
        return {"as_of": day.isoformat(), "draws": draws}


def open_light(settings):
    """Open a desk whose solver is a stand-in; runs in the worker."""
    serai.server.desk.corridor_solver = StandIn
    return open_desk(settings)


@pytest.fixture(scope="module")
def start(module_home, sixplace_folder):
    opened = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serai.server.hall, "open_desk", open_light)

        def served(**more):
            limits = Limits(
                body_bytes=65_536, upload_bytes=65_536, quick_s=120, own_s=2.0, job_s=2.0, requests_per_s=1e6, burst=1e6
            )
            database = f"sqlite:///{module_home / 'ledger.db'}"
            opened.append(Served(Settings(str(sixplace_folder), database, tokens=TOKENS, limits=limits, **more)))
            return f"http://127.0.0.1:{opened[-1].port}"

        yield served
        for one in opened:
            one.close()


@pytest.fixture(scope="module")
def base(start):
    return start()


@pytest.fixture(scope="module")
def described(base):
    return httpx.get(f"{base}/api/v1/openapi.json").json()


def loaded(described, base):
    found = schemathesis.openapi.from_dict(described)
    found.config.update(base_url=base)
    return found


def every_answer_is_listed(operation, mode, examples):
    @seed(20260601)
    @settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case):
        case.headers = {**(case.headers or {}), **REVIEWER}
        told = case.call(timeout=120)
        passed = {
            501: [not_a_server_error], 503: [not_a_server_error], 413: [checks.negative_data_rejection]
        }.get(told.status_code, [])  # fmt: skip
        case.validate_response(told, excluded_checks=ELSEWHERE + passed)

    check()


def asks_something(operation):
    return operation.body or any(len(list(p)) for p in (operation.path_parameters, operation.query, operation.headers))


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["well", "ill"])
@pytest.mark.parametrize("number", range(OPERATIONS))
def test_every_answer_is_one_the_description_lists(base, described, number, mode):
    operation = [o.ok() for o in loaded(described, base).get_all_operations()][number]
    if mode == GenerationMode.POSITIVE or asks_something(operation):  # what asks nothing cannot be asked ill
        every_answer_is_listed(operation, mode, 2)


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["well", "ill"])
@pytest.mark.parametrize("number", range(OPERATIONS))
def test_many_more_answers_are_ones_the_description_lists(base, described, number, mode):
    operation = [o.ok() for o in loaded(described, base).get_all_operations()][number]
    if mode == GenerationMode.POSITIVE or asks_something(operation):
        every_answer_is_listed(operation, mode, 150)


def test_no_operation_is_left_out(described):
    assert sum(len(operations) for operations in described["paths"].values()) == OPERATIONS


def test_an_answer_that_is_not_listed_is_found(base, described):
    less = copy.deepcopy(described)
    del less["paths"]["/api/v1/status"]["get"]["responses"]["422"]
    with pytest.raises(FailureGroup, match="Undocumented"):
        every_answer_is_listed(loaded(less, base)["/api/v1/status"]["GET"], GenerationMode.NEGATIVE, 10)


def every_operation(described):
    return [
        (method.upper(), path, path.format(**{"name": "0" * 32, **FILLED}), operation)
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    ]


def test_every_write_without_a_role_is_refused(base, described):
    writes = [o for o in every_operation(described) if o[0] != "GET"]
    assert {path for method, path, *_ in writes if method == "POST"} >= PUBLIC
    with httpx.Client(base_url=base, timeout=120) as client:
        for method, path, address, operation in writes:
            if method == "POST" and path in PUBLIC:
                continue
            assert {} not in operation["security"], path
            for head in ({}, {"Authorization": "Bearer of-nothing-at-all-0123456789"}, {"Authorization": "Basic eDp5"}):
                told = client.request(method, address, json={}, headers=head)
                assert told.status_code == 401, (method, path, head, told.text)
                assert told.headers["www-authenticate"] == "Bearer"
            told = client.request(method, address, json={}, headers={"Cookie": "serai_session=guessed"})
            assert told.status_code == 401, (method, path)
            if path != "/api/v1/session":
                assert client.request(method, address, json={}, headers=READER).status_code == 403, (method, path)


def test_a_session_of_a_browser_writes_with_its_value_only(base, described):
    with httpx.Client(base_url=base, timeout=120) as client:
        opened = client.post("/api/v1/session", json={"token": ANALYST["Authorization"][7:]}).json()
        for head in ({}, {"X-Serai-CSRF": "guessed"}, {"X-Serai-CSRF": opened["csrf"], "Sec-Fetch-Site": "same-site"}):
            for method, path, address, _ in every_operation(described):
                if method != "GET" and (method, path) != ("POST", "/api/v1/session"):
                    told = client.request(method, address, json={}, headers=head)
                    assert told.status_code == 403, (method, path, head, told.text)
        assert client.get("/api/v1/session").json()["role"] == "analyst"


def test_a_private_server_tells_nobody_anything(start):
    base = start(private=True)
    described = httpx.get(f"{base}/api/v1/openapi.json").json()
    with httpx.Client(base_url=base, timeout=120) as client:
        for method, path, address, operation in every_operation(described):
            if path == "/api/v1/session" and method != "DELETE":
                continue
            assert {} not in operation["security"], path
            assert client.request(method, address).status_code == 401, (method, path)
            assert client.request(method, address, json={}).status_code == 401, (method, path)
