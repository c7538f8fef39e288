"""Every filter, test and lookup of ansible.builtin's index is there, and has cases that the reference confirms."""

import re

import pytest

from confman.templating.filters.table import FILTERS
from confman.templating.lookups.table import LOOKUPS
from confman.templating.tests.table import TESTS

from .differential import facts
from .filters import cases as filters
from .lookups import cases as lookups
from .tests_ import cases as tests

TABLES = "\n".join((facts.FILTERS, facts.TESTS, facts.LOOKUPS)).splitlines()
CASES = TABLES + [
    case[0] for module in (filters, tests, lookups) for table in (module.CASES, module.ERRORS) for case in table
]
FILTER_INDEX = """b64decode b64encode basename bool checksum combinations combine comment commonpath dict2items difference
dirname expanduser expandvars extract fileglob flatten from_json from_yaml from_yaml_all hash human_readable human_to_bytes
intersect items2dict log mandatory md5 normpath password_hash path_join permutations pow product quote random realpath
regex_escape regex_findall regex_replace regex_search rekey_on_member relpath root sha1 shuffle split splitext strftime
subelements symmetric_difference ternary to_datetime to_json to_nice_json to_nice_yaml to_uuid to_yaml type_debug union
unique unvault urldecode urlsplit vault win_basename win_dirname win_splitdrive zip zip_longest"""
TEST_INDEX = """abs all any change changed contains directory exists failed failure falsy file finished is_abs is_dir is_file
is_link is_mount is_same_file isnan issubset issuperset link link_exists match mount nan reachable regex same_file search
skip skipped started subset succeeded success successful superset timedout truthy unreachable uri url urn vault_encrypted
vaulted_file version version_compare"""
LOOKUP_INDEX = """config csvfile dict env file fileglob first_found indexed_items ini inventory_hostnames items lines list
nested password pipe random_choice sequence subelements template together unvault url varnames vars"""


def counted(pattern):
    return sum(bool(re.search(pattern, case)) for case in CASES)


@pytest.mark.parametrize("name", FILTER_INDEX.split())
def test_filters(name):
    assert name in FILTERS or name in {"vault", "unvault"}
    assert counted(rf"(\|\s*|map\(')(ansible\.builtin\.)?{name}\b") >= 3


@pytest.mark.parametrize("name", TEST_INDEX.split())
def test_tests(name):
    assert name in TESTS
    assert counted(rf"(\bis (not )?|(select|reject)\('|attr\('\w+', ')(ansible\.builtin\.)?{name}\b") >= 3


@pytest.mark.parametrize("name", LOOKUP_INDEX.split())
def test_lookups(name):
    assert name in LOOKUPS or name == "config"
    assert counted(rf"(lookup|query|q)\('(ansible\.builtin\.)?{name}'") >= 3
