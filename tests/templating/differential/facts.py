"""Expressions that must be the same to both sides: the same value of the same type, or an error. One a line."""

FILTERS = r"""
'a' | checksum
[1, 'x'] | checksum
nothing | checksum
[1, 2, 3] | combinations(3)
[1, 2] | combinations(3)
'abc' | combinations(2)
5 | combinations(2)
[] | commonpath
['/a/b', 'c'] | commonpath
['a/b', 'a/c'] | commonpath
'/a/$HOME_NOPE' | expanduser
'x/~root' | expanduser
5 | expanduser
'a${NO_SUCH}b' | expandvars
'' | expandvars
5 | expandvars
'/no/such/*' | fileglob
5 | fileglob
'a: 1' | from_yaml_all
'{' | from_yaml_all
5 | from_yaml_all
'{' | from_yaml
'a: 1, b: 2' | from_yaml
'[1, 0x10, 010, 1_000, yes, 1e3, 1.0e+3, ~, 12:30:45]' | from_yaml
'5' | intersect(['5'])
[3, 1] | intersect([1, 3]) | sort
letters | intersect('abc') | sort
5 | intersect([1])
'' | md5
5 | md5
lazy | md5
nothing | sha1
'x' | sha1
'' | normpath
'.' | normpath
'a//b/./c' | normpath
5 | normpath
[1, 2, 3] | permutations(2)
[1, 2] | permutations(0)
'ab' | permutations
5 | permutations
'2' | pow(2)
2 | pow('x')
2 | pow(-1)
2 | pow(0.5)
[1] | product([])
[1] | product('ab', [2])
[1, 2] | product(repeat=2)
5 | product([1])
'.' | realpath == (playbook_dir | realpath)
'/' | realpath
5 | realpath
'/a/b' | relpath('/a/b/c/d')
'/a' | relpath('/')
'a' | relpath(5)
[1, 2, 3] | shuffle(seed=1)
'abc' | shuffle(seed=1)
[] | shuffle(seed=1)
5 | shuffle(seed=1)
'.bashrc' | splitext
'a.tar.gz' | splitext
'a' | splitext
5 | splitext
[1, 2] | symmetric_difference([2, 3]) | sort
'ab' | symmetric_difference('bc') | sort
5 | symmetric_difference([1])
'ab' | union('bc') | sort
[1] | union([1.0, true]) | length
5 | union([1])
'ab' | difference('b')
[1, 2, 2] | difference([1])
5 | difference([1])
[1, 1.0, true, '1'] | unique
'hello' | unique
[{'a': 1}, {'a': 2}] | unique(attribute='a')
5 | unique
'a%2Fb' | urldecode
'%zz' | urldecode
5 | urldecode
r'C:\a\b' | win_basename
'C:/a/b.txt' | win_basename
'' | win_basename
5 | win_basename
'C:/a/b.txt' | win_dirname
'b.txt' | win_dirname
5 | win_dirname
'//server/share/x' | win_splitdrive
'x' | win_splitdrive
5 | win_splitdrive
[1] | zip_longest([1, 2])
[1] | zip_longest([1, 2], [3, 4, 5], fillvalue=0)
5 | zip_longest([1])
[1] | zip([1, 2], [3])
[] | zip
5 | zip([1])
'plain text' | unvault('secret')
'x' | unvault(5)
5 | unvault('x')
'$ANSIBLE_VAULT;1.1;AES256\n61' | unvault('x')
'x' | vault('pw', salt='salt') | unvault('pw')
'x' | vault('pw', salt='salt', vault_id='prod') | regex_search('AES256;prod')
'x' | vault('pw', salt='salt', vault_id='prod')
'x' | vault('pw', 'wrong' ) | unvault('other')
5 | vault('x')
'x' | vault(5)
'' | b64encode
nothing | b64encode
[1] | b64encode
'x' | b64decode
'eA' | b64decode
'eA==' | b64decode(encoding='nope')
5 | b64decode
'' | basename
'a/' | basename
'a/' | dirname
'/' | dirname
5 | dirname
'y' | bool
'TRUE ' | bool
'on' | bool
[] | bool
{} | bool
1.0 | bool
0.0 | bool
nope | bool
5 | comment
'x' | comment('nope')
'' | comment
'a\n' | comment
'a' | comment(newline='|')
{'a': {'b': 1}} | combine({'a': {'b': 1}}, list_merge='append')
{'a': {'l': [1]}} | combine({'a': {'l': [1]}}, recursive=true, list_merge='append')
{'a': [1]} | combine({'a': [1]}, list_merge='append')
{'a': [1]} | combine({'a': [1], 'b': 2}, list_merge='append')
[{'a': 1}, [{'b': 2}]] | combine
none | combine({'a': 1})
{'a': 1} | combine([{'b': 2}, {'c': 3}])
{} | dict2items
[] | dict2items
{'a': 1} | dict2items('x')
{'a': 1} | dict2items(key_name='x', value_name='x')
'x' | extract(['a'])
5 | extract([1])
0 | extract(['a', 'b'])
'a' | extract({'a': {'b': [1, 2]}}, ['b', 1])
'nope' | extract({'a': 1})
'nope' | extract({'a': 1}) | default('x')
[[1], [[2, none]]] | flatten
[1, [2, [3, [4]]]] | flatten(levels=2)
[1] | flatten(levels='x')
{'a': 1} | flatten
'[1' | from_json
'NaN' | from_json | string
'"x"' | from_json
'{"a": 1, "a": 2}' | from_json
'' | from_json
nothing | from_json
'x' | hash('nope')
'x' | hash('sha512') | length
'x' | hash('sha3_256') | length
5 | hash
'x' | human_readable
1.5 | human_readable
-1 | human_readable
1024 | human_readable(unit='K')
1024 | human_readable(unit='x')
'1024' | human_readable
2000000000 | human_readable(isbits=true)
'1x' | human_to_bytes
'10 MB' | human_to_bytes
'10 Mb' | human_to_bytes
'1 Mb' | human_to_bytes(isbits=false)
'' | human_to_bytes
'-1K' | human_to_bytes
'1,5K' | human_to_bytes
'1.5KiB' | human_to_bytes
[] | items2dict
[{'key': 'a', 'value': 1}, {'key': 'a', 'value': 2}] | items2dict
[{'key': [1], 'value': 1}] | items2dict
[{'key': 'a'}] | items2dict
0 | log
'8' | log(2)
8 | log(2.0)
8 | log('x')
'' | mandatory
none | mandatory
nope | mandatory(msg='x')
'x' | password_hash('sha512', 'saltsalt', rounds=5000)
'x' | password_hash('sha256', 'saltsalt')
'x' | password_hash('md5', 'saltsalt')
'x' | password_hash('nope')
'x' | password_hash('sha512', 'bad salt!')
'x' | password_hash('sha512', 'saltsalt', rounds=656000)
'x' | password_hash('bcrypt', '1234567890123456789012')
'x' | password_hash('blowfish', '1234567890123456789012', ident='2b')
none | password_hash('sha512', 'saltsalt')
5 | password_hash('sha512', 'saltsalt')
[] | path_join
['a', '', 'b'] | path_join
['a', 5] | path_join
5 | path_join
"it's" | quote
'' | quote
'a b' | quote
[1, 'a b'] | quote
true | quote
5 | random(seed='a')
5 | random(1, 2, seed='a')
'5' | random
[] | random
'abc' | random(start=1)
5 | random(start=7)
'a+b' | regex_escape('nope')
'a+b' | regex_escape('posix_extended')
5 | regex_escape
'(' | regex_escape
'abc' | regex_findall('(')
5 | regex_findall('5')
'abc' | regex_findall('')
'abc' | regex_replace('(', '')
'abc' | regex_replace('b', '\2')
'abc' | regex_replace('b')
'abc' | regex_replace
'aa' | regex_replace('a', 'b', mandatory_count=3)
true | regex_replace('T', 't')
'abc' | regex_search('b', '\0')
'abc' | regex_search('(b)', '\\1')
'abc' | regex_search('(b)', '\\2')
'abc' | regex_search('(b)', 'x')
'abc' | regex_search('x', '\\1')
'abc' | regex_search('(?P<n>b)', '\\g<n>')
'abc' | regex_search('(?P<n>b)', '\\g<m>')
5 | regex_search('5')
[{'n': 1}, {'n': 1}] | rekey_on_member('n')
[{'n': 1}] | rekey_on_member('m')
[1] | rekey_on_member('n')
5 | rekey_on_member('n')
[{'n': 1}] | rekey_on_member('n', duplicates='x')
-1 | root
'9' | root
8 | root(3)
9 | root(0)
'' | split
'a  b' | split
'a,b' | split(',', 0)
'a\nb' | split('\n')
'abc' | split('')
'%Y' | strftime('x')
'%Y' | strftime(86400, utc=true)
'%s' | strftime(5, utc=true)
5 | strftime(0)
users | subelements('nope')
users | subelements('name')
users | subelements('groups', skip_missing='x') | length
{} | subelements('x')
'yes' | ternary(1, 2)
'no' | ternary(1, 2)
[] | ternary(1, 2)
none | ternary(1, 2, none)
1 | ternary(1)
'2020' | to_datetime
'2020-01-02 03:04:05' | to_datetime
5 | to_datetime
[1, {'a': none}] | to_json
{'b': 1, 'a': 2} | to_json(indent=1)
{'a': 1} | to_json(separators=[',', ':'])
{'a': 1} | to_json(nope=1)
1.0 | to_json
{none: 1} | to_json
{true: 1} | to_json
{1.5: 1} | to_json
'2020-01-02' | to_datetime('%Y-%m-%d') | to_json
day | to_json
day | to_yaml
'2020-01-02' | to_yaml
'null' | to_yaml
'1e3' | to_yaml
'0x1f' | to_yaml
'012' | to_yaml
'1_000' | to_yaml
'a: b' | to_yaml
'- a' | to_yaml
'{a' | to_yaml
'#a' | to_yaml
'a\nb' | to_yaml
'a\tb' | to_yaml
'\x07' | to_yaml
' a' | to_yaml
'=' | to_yaml
'<<' | to_yaml
'12:30' | to_yaml
{'a': 'yes', 'no': 1} | to_nice_yaml
{'a': [1, {'b': 2}]} | to_nice_yaml(indent=2)
{'a': [1, {'b': 2}]} | to_nice_yaml(default_flow_style=true)
[[1, 2], [3]] | to_nice_yaml
{'a': []} | to_nice_yaml
'a' * 100 | to_nice_yaml
('word ' * 30) | to_nice_yaml
('word ' * 30) | to_nice_yaml(width=20)
{1: 2, 'a': 3} | to_yaml
{2: 1, 1: 2} | to_nice_yaml
{'a': 1.0, 'b': 1e30, 'c': -0.0} | to_yaml
{'a': 1} | to_nice_yaml(nope=1)
5 | to_uuid
'x' | to_uuid('nope')
'' | to_uuid
[1, 'a', none, 1.5] | map('type_debug')
'2020-01-02' | to_datetime('%Y-%m-%d') | type_debug
'x' | urlsplit('nope')
'http://[::1]:80/' | urlsplit('hostname')
'http://h:x/' | urlsplit('port')
'http://h/;p?a=1&b=2#f' | urlsplit('query')
'h' | urlsplit('path')
'http://h' | urlsplit('port')
5.5 | round(half)
2.5 | round
'5.5' | round
'x' | round
"a<b>" | escape ~ '<'
'a b' | urlencode
[1, 2] | urlencode
{'a': none} | urlencode
'x' | wordcount
'abcdef' | wordwrap(2)
[3, 1] | sort(attribute='x')
['b', 'A'] | sort
[1, 'a'] | sort
users | sum(attribute='uid')
[] | sum
['a'] | sum
[[1], [2]] | sum(start=[])
[] | first
[] | last
[] | max
[] | first | default('x')
'' | first | default('x')
{'a': 1} | first
5 | first
'12' | int | type_debug
'1.9' | int
1.9 | int
'0b11' | int(base=2)
'ff' | int(base=16)
'x' | int
'1e3' | int
[] | int
none | int
true | int
'inf' | float | string
'x' | float
none | float
none | default('x', true) | upper
0 | default('x', true)
false | default('x')
'' | d('x', boolean=true)
nope.a | default(nope2) | default('x')
nope['a'].b | default('x')
users[9].x | default('x')
(nope | default('a')) ~ 'b'
'%s' % 'x'
'%d' % 'x'
'%s %s' | format('a')
'%(a)s' | format(a=1)
'{}' | format(1)
'a' | center(5) | length
'a' | indent
'a\n\nb' | indent(2, blank=true)
'hello world foo' | truncate(8)
'x' | tojson
"<a href='x'>" | tojson
1000000 | filesizeformat
1000000 | filesizeformat(true)
{'a': {'b': 1}} | dictsort
{'b': 1, 'A': 2} | dictsort(true)
[1, 2, 3] | batch(2, 'x')
[1, 2, 3] | slice(2, 'x')
'a b' | title
"o'neil" | title
'x' | xmlattr
{'a': 'b<', 'c': none} | xmlattr
'http://x.org' | urlize
[1, 2, 3] | random(seed='x') in [1, 2, 3]
'abc' | reverse
5 | reverse
'abc' | list
5 | list
{'a': 1} | list
'a' in 'abc' | upper
1 | attr('real')
'x' | attr('__class__')
'x'.__class__ | default('hidden')
[1, 2] | map('nope')
[1, 2] | map
[1, 2] | select('nope')
users | map(attribute='groups.0') | list
users | map(attribute='name.nope', default='x') | list
users | selectattr('nope')
users | selectattr('nope') | list | length
users | selectattr('nope', 'defined') | list
users | groupby('nope')
"""

TESTS = r"""
'/' is abs
5 is abs
'~' is abs
[] is any
5 is any
[0, ''] is any
{} is all
{'failed': 'yes'} is failed
{'failed': 'no'} is failed
{'failed': 0} is failed
{} is failed
{} is change
{'changed': 'x'} is change
{'changed': 1} is change
5 is change
{'results': []} is changed
{'results': [{'changed': 'yes'}]} is changed
'/etc/passwd' is directory
'/nope' is directory
5 is directory
'/etc/passwd' is exists
5 is exists
'' is exists
{'failed': true} is failure
{} is failure
[] is failure
'/' is file
5 is file
'/nope' is file
{'finished': true} is finished
{'finished': 0} is finished
{} is finished
5 is finished
'' is is_abs
'/a' is is_abs
5 is is_abs
'/nope' is is_dir
'/etc' is is_dir
5 is is_dir
'/' is is_file
'/nope' is is_file
5 is is_file
'/proc/self/exe' is is_link
'/etc/passwd' is is_link
'/nope' is is_link
'/' is is_mount
'/nope' is is_mount
5 is is_mount
'/' is is_same_file('/')
'/' is is_same_file('/etc')
'/nope' is is_same_file('/')
5 is is_same_file(5)
1 is isnan
('nan' | float) is isnan
none is isnan
[] is issubset([])
'ab' is issubset('abc')
5 is issubset([5])
[] is issuperset([])
[1] is issuperset([1, 2])
5 is issuperset([5])
'/proc/self/exe' is link
'/nope' is link
5 is link
'/nope' is link_exists
'/' is link_exists
5 is link_exists
'/' is mount
'/etc/passwd' is mount
5 is mount
none is nan
'nan' is nan
[] is nan
{} is reachable
{'unreachable': true} is reachable
5 is reachable
'x' is regex('(')
'x' is regex('x', match_type='nope')
5 is regex('5')
'/etc' is same_file('/etc/')
'/etc' is same_file(5)
'x' is search('')
none is search('None')
{'skipped': true} is skip
{} is skip
5 is skip
{'skipped': 'x'} is skipped
{'started': 1} is started
{'started': 0} is started
{} is started
5 is started
{} is success
{'failed': true} is success
5 is success
{} is successful
{'failed': true} is successful
5 is successful
[1] is superset([])
[1, 2] is superset([2, 3])
5 is superset([1])
'abc' is subset('abcd')
{} is timedout
{'timedout': {'period': 0}} is timedout
{'timedout': false} is timedout
5 is timedout
'' is truthy
'0' is truthy
'0' is truthy(convert_bool=true)
[0] is truthy
'x' is falsy(convert_bool=true)
none is falsy
nope is truthy
{'unreachable': true} is unreachable
{} is unreachable
5 is unreachable
'x' is uri
'http:' is uri
5 is uri
'http://h' is uri(['http'])
'http://h' is uri(['ftp'])
'http://' is url
'http://h:80x' is url
5 is url
'urn:' is urn
'URN:a:b' is urn
5 is urn
'x' is vault_encrypted
'$ANSIBLE_VAULT;1.1;AES256\n6162\n' is vault_encrypted
5 is vault_encrypted
none is vault_encrypted
nope is vault_encrypted
'/nope' is vaulted_file
'/etc' is vaulted_file
5 is vaulted_file
'/etc/passwd' is vaulted_file
'1' is version_compare('1.0', 'eq')
'1.0' is version_compare('0.9')
'' is version_compare('1')
1 is version(1)
'1.2' is version('1.10', 'gt')
'1.2a' is version('1.2b', '<')
'2.0-1' is version('2.0-2', '<')
'v1' is version('v2', '<')
'1.0' is version('1.0.0')
'1.0.0' is version('1.0', 'ge')
'a' is version('1', '<')
'1.0rc1' is version('1.0', '<', version_type='loose')
'1.0' is version('1.0', 'le', strict=false)
'1.0.0' is version('1.0.0+x', 'eq', version_type='semver')
'x' is contains('y')
none is contains('y')
5 is contains(5)
'a' is match('b|a')
'a' is match(5)
[] is sequence
'x' is sequence
{} is sequence
5 is iterable
'x' is iterable
1 is boolean
1 is integer
true is integer
true is number
1.0 is float
1.0 is integer
'1' is number
1 is odd
'x' is odd
'a' is lower
'A1' is upper
none is string
'x' is sameas('x')
1 is eq(1.0)
1 is eq('1')
'a' is lt('b')
1 is lt('b')
'a' is in('abc')
'a' is in(5)
nope is defined
nope.x is defined
'x'.nope is defined
[].nope is defined
{'a': none}.a is defined
'x' is nope
'x' is callable
omit is defined
"""

LOOKUPS = r"""
query('indexed_items', [])
query('indexed_items', [[1, 2], 3])
query('indexed_items', 5)
query('lines', 'true')
query('lines', 'echo a', 'echo b')
query('lines', 'printf "a\n\n"')
query('list')
query('list', [[1], 2])
lookup('list', [1, 2])
lookup('list', 1, 2)
lookup('password', '/dev/null', seed='x', length=8)
lookup('password', '/dev/null seed=x length=8 chars=digits')
lookup('password', '/dev/null', seed='x', chars=['ascii_lowercase', '-'])
lookup('password', '/dev/null length=-1')
lookup('password', '/dev/null length=10') | length
query('random_choice', [])
query('random_choice', ['a'])
lookup('random_choice', [1])
lookup('unvault', 'nope')
lookup('unvault', 'plain.txt', 'evil.txt')
query('unvault', 'plain.txt')
lookup('items', [1, 2])
lookup('items', [])
query('items')
query('items', [[1, [2]], 3])
lookup('dict', {})
query('dict', {}, {'a': 1})
query('dict', 5)
lookup('together', [1], [2])
query('together', [])
query('together', 5)
query('nested', [1], [])
query('nested', [[1, [2]]], [3])
query('nested', 5, [1])
query('sequence', '0-3')
query('sequence', '5')
query('sequence', '4-6:host%02d')
query('sequence', '10-2/-3')
query('sequence', '0x0f-0x11/1:%#x')
query('sequence', start=1, end=3, format='n%d')
query('sequence', 'start=0 count=0')
query('sequence', 'count=3 stride=2')
query('sequence', 'nope')
query('subelements', users, 'groups', {'skip_missing': true}) | length
query('subelements', [], 'x')
query('subelements', users)
query('varnames', '^s_i')
query('varnames', 5)
query('varnames')
lookup('vars', 's_' ~ 'int')
query('vars', 'one', 'nope', default='x')
query('vars', 'nope')
lookup('vars', 'lazy_map').one
lookup('env', 'NO_SUCH')
lookup('env', 'CONFMAN_TEST_WORD')
query('env')
lookup('file', 'plain.txt', 'evil.txt')
lookup('file', 'nope') | default('x')
lookup('file', 'plain.txt') | length
query('file', [])
lookup('fileglob', '/nope/*')
query('fileglob', 'plain.*') | map('basename')
query('fileglob', 5)
lookup('first_found', ['nope', 'plain.txt']) | basename
query('first_found', ['nope'], skip=true)
lookup('first_found', 'nope')
lookup('csvfile', 'k1', file='table.csv', delimiter=',', col='2')
lookup('csvfile', 'k9', file='table.csv', delimiter=',')
lookup('csvfile', 'k1', file='nope.csv')
lookup('csvfile', 'k2', file='table.csv', delimiter=',')
lookup('ini', 'key', section='two', file='conf.ini')
lookup('ini', 'nope', section='two', file='conf.ini')
lookup('ini', 'key', section='nope', file='conf.ini')
query('ini', '.*', section='one', file='conf.ini', re=true)
lookup('ini', 'key', file='nope.ini', section='one')
lookup('pipe', 'echo x')
lookup('pipe', 'exit 1')
lookup('pipe', 'printf "a\n\n"')
query('pipe', 'echo a', 'echo b')
lookup('template', 'hello.j2')
lookup('template', 'nope.j2')
lookup('template', 'hello.j2', template_vars={'word': 'X'})
lookup('url', 'file:///nope')
lookup('config', 'DEFAULT_ROLES_PATH') | type_debug
lookup('config', 'NOPE')
lookup('config', 'NOPE', on_missing='skip')
query('config', 'DEFAULT_FORKS')
query('inventory_hostnames', 'all')
lookup('nope')
lookup()
query('items', nope)
query('items', [nope])
lookup('items', nope) | default('x')
lookup('items', 1, wantlist=true)
query('file', 'nope', errors='ignore')
lookup('file', 'nope', errors='ignore') | default('x', true)
lookup('ansible.builtin.env', 'NO_SUCH', default='d')
query('ansible.builtin.items', [1])
q('items', [1], [2])
"""
_DESCRIPTOR = "a number is no path; the reference takes it for a file that the process has open"
EXPLAINED = {
    "5 | comment": "a number makes a comment as its text does",
    "[1] | flatten(levels='x')": "levels must be a number, whether it is needed or not",
    "5 | strftime(0)": "a number is taken for its text",
    "{'results': []} is changed": "where nothing was done nothing changed",
    **dict.fromkeys(
        [f"5 is {name}" for name in ("directory", "exists", "file", "is_dir", "is_file", "is_same_file(5)")],
        _DESCRIPTOR,
    ),
    "'/etc' is same_file(5)": _DESCRIPTOR,
    "lookup('password', '/dev/null length=-1')": "a password of less than no characters is a mistake",
    "query('sequence', '0x0f-0x11/1:%#x')": "hexadecimal bounds are understood, as the documentation has them",
    "query('inventory_hostnames', 'all')": "no inventory is one without hosts",
}
"""Where we give something else on purpose, and the reason."""
