"""The reader of TNTP files: conventions of the format, and a line number for every fault."""

from __future__ import annotations

import numpy as np
import pytest

from serai.core.errors import InputError
from serai.freight.assign.tntp import read_network, read_trips
from serai.freight.assign.volume_delay import cost

HEAD = "<NUMBER OF ZONES> 2\n<NUMBER OF NODES> 3\n<FIRST THRU NODE> 3\n<NUMBER OF LINKS> {n}\n<END OF METADATA>\n\n"
NAMES = "~ init term capacity length free b power speed toll type ;\n"
LINKS = ("1 3 10 2 5 0.15 4 60 7 1 ;", "3 2 10 1 4 0 0 0 0 1 ;")
TRIPS = "<NUMBER OF ZONES> 2\n<TOTAL OD FLOW> 8\n<END OF METADATA>\n\n~ a comment\nOrigin 1 \n  1 : 3.0;  2 : 5.0;\n"


@pytest.fixture
def write(tmp_path):
    def put(text, name="net.tntp"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return put


def net(*links, head=HEAD):
    return head.format(n=len(links)) + NAMES + "\n".join(links) + "\n"


def test_network(write):
    read = read_network(write(net(*LINKS)), toll_weight=0.5, distance_weight=0.25)
    assert (read.zones, read.nodes, read.first_through) == (2, 3, 2)
    assert read.tail.tolist() == [0, 2]
    assert read.head.tolist() == [2, 1]
    # 5 (1 + 0.15 (20/10)^4) + 0.5 * 7 + 0.25 * 2, by hand
    assert cost(read.delay, np.array([20.0, 20.0])).tolist() == [5 * (1 + 0.15 * 16) + 4, 4.25]


def test_comments_tabs_and_nine_fields_are_read(write):
    text = net("\t1\t3\t10\t2\t5\t0.15\t4\t60\t7\t;\t~ note", "3 2 10 1 4 0 0 0 0 1 ;")
    assert read_network(write(text)).tail.tolist() == [0, 2]


VARIANTS = {
    "no semicolons": lambda t: t.replace(" ;", ""),
    "semicolons without a space": lambda t: t.replace(" ;", ";"),
    "semicolons twice": lambda t: t.replace(" ;", " ; ;"),
    "tabs": lambda t: t.replace(" ", "\t"),
    "ends of lines of Windows": lambda t: t.replace("\n", "\r\n"),
    "metadata in small letters": str.lower,
    "a comment behind metadata": lambda t: t.replace("> 2\n", "> 2\t\t~ zones\n"),
    "comments before metadata": lambda t: "~ a file\n<ORIGINAL HEADER>~ init term ; \n" + t,
    "names of columns without a tilde": lambda t: t.replace("~ init", "init"),
    "capacities with an exponent": lambda t: t.replace(" 10 ", " 1.0e1 "),
    "empty lines": lambda t: t.replace("\n", "\n\n \n"),
}


@pytest.mark.parametrize("change", VARIANTS.values(), ids=VARIANTS)
def test_variants_of_a_network_say_the_same(write, change):
    plain = read_network(write(net(*LINKS)), toll_weight=0.5, distance_weight=0.25)
    other = read_network(write(change(net(*LINKS)), "other.tntp"), toll_weight=0.5, distance_weight=0.25)
    assert (other.zones, other.nodes, other.first_through) == (plain.zones, plain.nodes, plain.first_through)
    assert (other.tail.tolist(), other.head.tolist()) == (plain.tail.tolist(), plain.head.tolist())
    for flow in (0.0, 20.0):
        x = np.full(2, flow)
        assert cost(other.delay, x).tolist() == cost(plain.delay, x).tolist()


@pytest.mark.parametrize(
    "body",
    [
        "Origin 1\n1:3.0;2:5.0;",
        "ORIGIN\t1\n\t1\t:\t3.0;\n\t2\t:\t5.0\t;",
        "Origin1\n1 : 3\n2 : 5",
        "Origin 1:\n 1 : 3.0; 2 : 5.0; ~ both",
        "Origin 1 ;\n 1 : 3.0;\n;\n 2 : 5e0;",
        "Origin  1 ~ first\n 1 :    3.0;    2 :    5.0;\n\nOrigin  2\n 1 :    0.0;",
    ],
)
def test_variants_of_trips_say_the_same(write, body):
    read = read_trips(write("<NUMBER OF ZONES> 2\n<TOTAL OD FLOW> 8\n<END OF METADATA>\n\n" + body + "\n"), 2)
    assert read.origin.tolist() == [0, 0]
    assert read.destination.tolist() == [0, 1]
    assert read.volume.tolist() == [3.0, 5.0]


def test_a_comment_in_an_older_encoding_is_read(tmp_path):
    path = tmp_path / "net.tntp"
    path.write_bytes(("~ Z\u00fcrich\n" + net(*LINKS)).encode("latin-1"))
    assert read_network(path).tail.tolist() == [0, 2]


def test_power_zero_adds_b_at_every_flow(write):
    read = read_network(write(net("1 3 10 0 5 0.2 0 0 0 1 ;", "3 2 0 0 5 0 4 0 0 1 ;")))
    for flow in (0.0, 1.0, 1e9):
        assert cost(read.delay, np.full(2, flow)).tolist() == [6.0, 5.0]


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("1 3 0 2 5 0.15 4 60 7 1 ;", "line 8: capacity is 0"),
        ("1 3 -1 2 5 0.15 4 60 7 1 ;", "line 8: capacity: -1"),
        ("1 3 10 2 nan 0.15 4 60 7 1 ;", "line 8: free-flow time: nan"),
        ("1 3 10 2 5 inf 4 60 7 1 ;", "line 8: b: inf"),
        ("1 3 10 2 5 0.15 four 60 7 1 ;", "line 8: power 'four' is not a number"),
        ("1 4 10 2 5 0.15 4 60 7 1 ;", "line 8: term node is '4'"),
        ("0 3 10 2 5 0.15 4 60 7 1 ;", "line 8: init node is '0'"),
        ("1.5 3 10 2 5 0.15 4 60 7 1 ;", "line 8: init node is '1.5'"),
        ("1 3 10 2 ;", "line 8: 4 fields"),
    ],
)
def test_faults_of_a_link_name_its_line(write, link, said):
    with pytest.raises(InputError) as fault:
        read_network(write(net(link)))
    assert said in str(fault.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 3 10\n", "line 1: '1 3 10' stands before <END OF METADATA>"),
        ("<NUMBER OF ZONES> 2\n", "no <END OF METADATA>"),
        ("<NUMBER OF ZONES> 2\n<END OF METADATA>\n", "no <NUMBER OF NODES>"),
        ("<NUMBER OF NODES> x\n<NUMBER OF ZONES> 2\n<END OF METADATA>\n", "line 1: <NUMBER OF NODES> is 'x'"),
        (HEAD.format(n=3) + LINKS[0], "1 links stand where <NUMBER OF LINKS> is 3"),
    ],
)
def test_faults_of_a_network(write, text, said):
    with pytest.raises(InputError) as fault:
        read_network(write(text))
    assert said in str(fault.value)


def test_trips_keep_what_stays_in_its_zone(write):
    read = read_trips(write(TRIPS), 2)
    assert read.origin.tolist() == [0, 0]
    assert read.destination.tolist() == [0, 1]
    assert read.volume.tolist() == [3.0, 5.0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("  2 : -5.0;", "line 8: trips from 1 to 2: -5.0"),
        ("  2 : nan;", "line 8: trips from 1 to 2: nan"),
        ("  3 : 5.0;", "line 8: destination is '3'"),
        ("  1 : 5.0;", "line 8: trips from 1 to 1 stand here a second time"),
        ("  2 = 5.0;", "line 8: '2 = 5.0' is not a destination"),
        ("Origin 9", "line 8: origin is '9'"),
    ],
)
def test_faults_of_trips_name_their_line(write, line, said):
    with pytest.raises(InputError) as fault:
        read_trips(write(TRIPS.replace("2 : 5.0;", "") + line + "\n"), 2)
    assert said in str(fault.value)


def test_trips_for_another_network_are_refused(write):
    with pytest.raises(InputError, match="for 2 zones, the network has 3"):
        read_trips(write(TRIPS), 3)


def test_a_missing_file_and_a_binary_one_are_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_network(tmp_path / "none.tntp")
    (tmp_path / "binary.tntp").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is not text"):
        read_network(tmp_path / "binary.tntp")


@pytest.mark.parametrize("weight", [-1.0, float("nan")])
def test_weights_are_checked(write, weight):
    with pytest.raises(InputError, match="weight"):
        read_network(write(net(*LINKS)), toll_weight=weight)
