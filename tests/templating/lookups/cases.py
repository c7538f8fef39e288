"""Expressions with lookups and what they give, in a folder with the files below."""

FILES = {
    "files/plain.txt": "  content \n\n",
    "files/template-like.txt": "{{ 1 + 1 }}\n",
    "files/one.conf": "1",
    "files/two.conf": "2",
    "files/.hidden.conf": "0",
    "files/sub/three.conf": "3",
    "top.txt": "top\n",
    "files/people.csv": 'Smith,Jane,jsmith@example.com\nDoe,"John, J.",doe@example.com\n',
    "files/tabs.tsv": "a\t1\nb\t2\n",
    "files/users.ini": "[production]\nuser=robert\npass = secret\nflag\n[integration]\nuser=gertrude\n",
    "files/plain.ini": "[production]\nuser=robert\nUser2=x\nhost=%(user)s.org\n[other]\na=100%%\n",
    "files/app.properties": "user.name=Robert\nport: 80\n",
    "files/latin.txt": b"gr\xf6\xdfe",
    "templates/list.j2": "{{ numbers }}\n",
    "templates/text.j2": "Hello {{ who }}{# note #}\n{% if true %}\nyes\n{% endif %}\n",
    "templates/marks.j2": "[[ who ]] {{ who }}",
    "templates/include.j2": "{% include 'part.j2' %}!",
    "templates/part.j2": "part of {{ who }}",
    "templates/self.j2": "{{ template_path }} {{ template_fullpath | basename }}",
    "templates/undefined.j2": "{{ nope }}",
    "vars/Debian.yml": "x: 1",
    "default.yml": "x: 2",
}

VARIABLES = r"""
who: world
name_of: who
numbers: [1, 2, 3]
lazy_list: ["{{ who }}", [b, c], "{{ numbers }}"]
lazy_map: {one: "{{ who }}", two: 2}
users:
  - {name: alice, keys: {ssh: [k1, k2]}, groups: [wheel]}
  - {name: bob, keys: {ssh: [k3]}, groups: []}
incomplete: [{name: alice, groups: [wheel]}, {name: bob}]
registered: {skipped: true, results: []}
groups: {all: [web1, web2, web3, db1], web: [web1, web2, web3], db: [db1], ungrouped: []}
net_a: 1
net_b: 2
"""

# (expression, what it gives)
CASES = [
    # loops
    ("query('items', [1, [2, 3]], 4)", [1, [2, 3], 4]),
    ("query('items', lazy_list)", ["world", ["b", "c"], [1, 2, 3]]),
    ("query('items', 1, [2, [3]])", [1, 2, [3]]),
    ("query('list', 1, [2])", [1, [2]]),
    ("query('dict', lazy_map)", [{"key": "one", "value": "world"}, {"key": "two", "value": 2}]),
    ("lookup('dict', {'a': 1})", {"key": "a", "value": 1}),
    ("query('indexed_items', ['a', 'b'])", [[0, "a"], [1, "b"]]),
    ("query('nested', [1, 2], ['a', 'b'])", [[1, "a"], [1, "b"], [2, "a"], [2, "b"]]),
    ("query('nested', [1], ['a'], ['x', 'y'])", [[1, "a", "x"], [1, "a", "y"]]),
    ("query('nested', [[1, 2]], ['a'])", [[1, 2, "a"]]),
    ("query('together', ['a', 'b'], [1, 2, 3])", [["a", 1], ["b", 2], [None, 3]]),
    ("query('together', [['a'], 'b'], [1, 2])", [["a", 1], ["b", 2]]),
    ("query('subelements', users, 'keys.ssh') | map('last')", ["k1", "k2", "k3"]),
    ("(query('subelements', users, 'groups') | first | first).groups is defined", False),
    ("query('subelements', incomplete, 'groups', {'skip_missing': true}) | length", 1),
    ("query('subelements', registered, 'results')", []),
    ("query('subelements', {'x': users[0]}, 'groups') | map('last')", ["wheel"]),
    ("query('random_choice', 'a')", ["a"]),
    ("query('random_choice')", []),
    # sequences
    ("query('sequence', '5')", ["1", "2", "3", "4", "5"]),
    ("query('sequence', '5-8')", ["5", "6", "7", "8"]),
    ("query('sequence', '2-10/2')", ["2", "4", "6", "8", "10"]),
    ("query('sequence', '4:host%02d')", ["host01", "host02", "host03", "host04"]),
    ("query('sequence', 'start=5 end=11 stride=2 format=0x%02x')", ["0x05", "0x07", "0x09", "0x0b"]),
    ("query('sequence', 'start=0 count=5 stride=2')", ["0", "2", "4", "6", "8"]),
    ("query('sequence', 'start=10 end=0 stride=-5')", ["10", "5", "0"]),
    ("query('sequence', 'count=0')", []),
    ("query('sequence', 'start=1 end=3 stride=0')", []),
    ("query('sequence', start=1, end=3)", ["1", "2", "3"]),
    ("query('sequence', count=2, format='x%d')", ["x1", "x2"]),
    ("query('sequence', '010')", [str(n) for n in range(1, 11)]),
    # variables
    ("lookup('vars', 'who')", "world"),
    ("lookup('vars', name_of)", "world"),
    ("query('vars', 'net_a', 'net_b')", [1, 2]),
    ("lookup('vars', 'nope', default='x')", "x"),
    ("lookup('vars', 'nope') is undefined", True),
    ("lookup('vars', 'users')[0].name", "alice"),
    ("query('varnames', '^net_.$') | sort", ["net_a", "net_b"]),
    ("lookup('varnames', '^net_a$')", "net_a"),
    ("query('varnames', '^no_such')", []),
    ("lookup('env', 'CONFMAN_TEST_VARIABLE')", "from outside {{ 1 }}"),
    ("lookup('env', 'CONFMAN_NO_SUCH_VARIABLE')", ""),
    ("lookup('env', 'CONFMAN_NO_SUCH_VARIABLE', default='x')", "x"),
    ("query('env', 'CONFMAN_TEST_VARIABLE', 'CONFMAN_NO_SUCH_VARIABLE')", ["from outside {{ 1 }}", ""]),
    ("lookup('env', 'CONFMAN_NO_SUCH_VARIABLE', default=nope) is undefined", True),
    # files
    ("lookup('file', 'plain.txt')", "  content"),
    ("lookup('ansible.builtin.file', 'plain.txt')", "  content"),
    ("lookup('file', 'plain.txt', lstrip=true)", "content"),
    ("lookup('file', 'plain.txt', rstrip=false)", "  content \n\n"),
    ("lookup('file', 'plain.txt', rstrip='no', lstrip='yes')", "content \n\n"),
    ("lookup('file', 'top.txt')", "top"),
    ("lookup('file', 'files/one.conf')", "1"),
    ("query('file', 'one.conf', 'two.conf')", ["1", "2"]),
    ("lookup('file', 'one.conf', 'two.conf')", "1,2"),
    ("lookup('file', 'template-like.txt')", "{{ 1 + 1 }}"),
    ("lookup('file', 'latin.txt') | length", 5),
    ("lookup('file', 'no-such', errors='ignore') is none", True),
    ("query('file', 'no-such', errors='ignore')", []),
    ("lookup('unvault', 'plain.txt')", "  content \n\n"),
    ("query('fileglob', '*.conf') | map('basename') | sort", ["one.conf", "two.conf"]),
    ("query('fileglob', 'sub/*.conf') | map('basename')", ["three.conf"]),
    ("query('fileglob', '*.nope')", []),
    ("query('fileglob', '/etc/passw[d]')", ["/etc/passwd"]),
    ("query('fileglob', '.*.conf') | map('basename')", [".hidden.conf"]),
    ("lookup('first_found', ['nope.yml', 'default.yml']) | basename", "default.yml"),
    ("lookup('first_found', 'nope.yml', 'default.yml') | basename", "default.yml"),
    ("lookup('first_found', {'files': ['nope.yml', 'Debian.yml'], 'paths': ['vars']}) | basename", "Debian.yml"),
    ("lookup('first_found', files=['Debian.yml'], paths=['vars']) | basename", "Debian.yml"),
    ("lookup('first_found', 'Debian.yml', paths=['no', 'vars']) | dirname | basename", "vars"),
    ("query('first_found', 'nope.yml', skip=true)", []),
    ("query('first_found', {'files': ['nope.yml'], 'skip': true})", []),
    ("query('first_found', 'nope.yml', errors='ignore')", []),
    ("lookup('first_found', 'nope.yml,default.yml') | basename", "default.yml"),
    ("lookup('first_found', [['nope.yml'], ['default.yml']]) | basename", "default.yml"),
    # tables
    ("lookup('csvfile', 'Smith', file='people.csv', delimiter=',')", "Jane"),
    ("lookup('csvfile', 'Doe', file='people.csv', delimiter=',')", "John, J."),
    ("lookup('csvfile', 'Smith file=people.csv delimiter=, col=2')", "jsmith@example.com"),
    ("lookup('csvfile', 'Jane', file='people.csv', delimiter=',', col=0, keycol=1)", "Smith"),
    ("lookup('csvfile', 'a', file='tabs.tsv')", "1"),
    ("query('csvfile', 'a', 'b', file='tabs.tsv')", ["1", "2"]),
    ("lookup('csvfile', 'b', file='tabs.tsv', delimiter='TAB')", "2"),
    ("query('csvfile', 'nope', file='tabs.tsv')", []),
    ("lookup('csvfile', 'nope', file='tabs.tsv', default='x')", "x"),
    ("lookup('csvfile', 'größe', file='latin.txt', encoding='latin-1', col=0)", "größe"),
    ("lookup('ini', 'user', section='production', file='plain.ini')", "robert"),
    ("lookup('ini', 'user section=production file=plain.ini')", "robert"),
    ("lookup('ini', 'nope', section='production', file='plain.ini')", ""),
    ("lookup('ini', 'nope', section='production', file='plain.ini', default='x')", "x"),
    ("lookup('ini', 'host', section='production', file='plain.ini')", "robert.org"),
    ("lookup('ini', 'host', section='production', file='plain.ini', interpolation=false)", "%(user)s.org"),
    ("lookup('ini', 'user2', section='production', file='plain.ini')", "x"),
    ("lookup('ini', 'user2', section='production', file='plain.ini', case_sensitive=true)", ""),
    ("lookup('ini', 'User2', section='production', file='plain.ini', case_sensitive=true)", "x"),
    ("query('ini', 'user.*', section='production', file='plain.ini', re=true)", ["robert", "x"]),
    ("query('ini', 'flag', section='production', file='users.ini', allow_no_value=true)", []),
    ("query('ini', 'user', 'pass', section='production', file='users.ini', allow_no_value=true)", ["robert", "secret"]),
    ("lookup('ini', 'user.name', type='properties', file='app.properties')", "Robert"),
    ("lookup('ini', 'port', type='properties', file='app.properties')", "80"),
    # programs
    ("lookup('pipe', 'echo hi; echo there')", "hi\nthere"),
    ("lookup('pipe', 'cat files/template-like.txt')", "{{ 1 + 1 }}"),
    ("query('lines', 'printf \"a\\\\n\\\\nb\"')", ["a", "", "b"]),
    ("lookup('pipe', 'cat top.txt')", "top"),
    # templates
    ("lookup('template', 'text.j2')", "Hello worldyes\n"),
    ("lookup('template', 'list.j2')", [1, 2, 3]),
    ("lookup('template', 'list.j2') | first", 1),
    ("lookup('template', 'text.j2', template_vars={'who': 'you'})", "Hello youyes\n"),
    ("lookup('template', 'text.j2', trim_blocks=false)", "Hello world\n\nyes\n"),
    (
        "lookup('template', 'marks.j2', variable_start_string='[[', variable_end_string=']]')",
        "world {{ who }}",
    ),
    ("lookup('template', 'include.j2')", "part of world!"),
    ("lookup('template', 'self.j2')", "self.j2 self.j2"),
    ("lookup('template', 'text.j2', convert_data=false)", "Hello worldyes\n"),
    # hosts
    ("query('inventory_hostnames', 'all')", ["web1", "web2", "web3", "db1"]),
    ("query('inventory_hostnames', 'web')", ["web1", "web2", "web3"]),
    ("query('inventory_hostnames', 'all:!web')", ["db1"]),
    ("query('inventory_hostnames', 'all:&web:!web2')", ["web1", "web3"]),
    ("query('inventory_hostnames', 'web[0:1]')", ["web1", "web2"]),
    ("query('inventory_hostnames', 'web[-1]')", ["web3"]),
    ("query('inventory_hostnames', 'web*') | sort", ["web1", "web2", "web3"]),
    ("query('inventory_hostnames', '~(web|db)1') | sort", ["db1", "web1"]),
    ("query('inventory_hostnames', 'db1,web2')", ["db1", "web2"]),
    ("query('inventory_hostnames', 'nope')", []),
    # settings
    ("lookup('config', 'DEFAULT_BECOME_USER')", "root"),
    ("query('config', 'DEFAULT_FORKS', 'COLOR_OK')", [5, "green"]),
    ("query('config', 'NO_SUCH_SETTING', on_missing='skip')", []),
    # general
    ("lookup('url', 'file://' ~ playbook_dir ~ '/top.txt')", "top"),
    ("q('items', [1])", [1]),
    ("lookup('file', '{{ \"one\" }}.conf')", "1"),
]

# (expression, a part of what the error says)
ERRORS = [
    ("lookup('no_such_lookup', 1)", "was not found"),
    ("lookup('file', 'no-such')", "not found"),
    ("lookup('csvfile', 'x', file='latin.txt', encoding='utf-16')", "not utf-16 text"),
    ("lookup('csvfile', 'x', file='latin.txt', encoding='no-such')", "no encoding"),
    ("lookup('file', nope)", "'nope' is undefined"),
    ("lookup('vars', 'nope')", "No variable named 'nope'"),
    ("lookup('vars', 5)", "expects text"),
    ("lookup('varnames', '(')", "not a regular expression"),
    ("lookup('env', 'CONFMAN_NO_SUCH_VARIABLE', default=nope)", "'nope' is undefined"),
    ("query('dict', [1])", "expects a dictionary"),
    ("query('nested')", "at least one element"),
    ("query('together')", "at least one element"),
    ("query('subelements', users)", "two or three items"),
    ("query('subelements', users, 'nope')", "could not find 'nope'"),
    ("query('subelements', users, 'name')", "should point to a list"),
    ("query('subelements', users, 'name.x')", "should point to a dictionary"),
    ("query('subelements', ['x'], 'y')", "expects a dictionary"),
    ("query('sequence', 'start=1')", "must specify count or end"),
    ("query('sequence', 'end=2 count=3')", "both count and end"),
    ("query('sequence', 'start=5 end=1')", "make stride negative"),
    ("query('sequence', 'start=1 end=5 stride=-1')", "don't make stride negative"),
    ("query('sequence', 'end=5 nope=1')", "no option 'nope'"),
    ("query('sequence', 'end=5 format=x')", "bad formatting"),
    ("query('sequence', 'end=5 format=%s%d')", "bad formatting"),
    ("query('sequence', 'end=x')", "whole number"),
    ("lookup('first_found', ['nope.yml'])", "No file was found"),
    ("lookup('first_found', 5)", "string, dict or list"),
    ("lookup('first_found', [nope, 'default.yml'])", "'nope' is undefined"),
    ("lookup('csvfile', 'x', file='no-such')", "not found"),
    ("lookup('csvfile', 'Smith', file='people.csv', delimiter=',', col=9)", "no column 9"),
    ("lookup('csvfile', 'file=people.csv')", "key is required"),
    ("lookup('csvfile', 'x nope=1 file=people.csv')", "no option 'nope'"),
    ("lookup('ini', 'user', section='nope', file='plain.ini')", "No section 'nope'"),
    ("lookup('ini', 'user', section='production', file='users.ini')", "users.ini"),
    ("lookup('pipe', 'exit 3')", "returned 3"),
    ("lookup('lines', 'exit 3')", "returned 3"),
    ("lookup('template', 'no-such.j2')", "not found"),
    ("lookup('template', 'undefined.j2')", "'nope' is undefined"),
    ("lookup('config', 'NO_SUCH_SETTING')", "No config definition exists for 'NO_SUCH_SETTING'"),
    ("lookup('config', 'X', plugin_type='shell')", "Both plugin_type and plugin_name"),
    ("lookup('url', 'nope:x')", "cannot ask for"),
    ("lookup('url', 'file:///no/such/file')", "Failed lookup url"),
    ("lookup('password', '/dev/null length=x')", "whole number"),
    ("lookup('password', '/dev/null nope=1')", "no option 'nope'"),
]

ENVIRONMENT = {"CONFMAN_TEST_VARIABLE": "from outside {{ 1 }}"}


def lay_out(folder):
    """Write the files; the folder they are in."""
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder
