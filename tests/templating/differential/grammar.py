"""What generated expressions are made of: for each kind of value, texts with <kind> where another is put in."""

VARIABLES = r"""
word: Hello World
s_int: '42'
s_float: '1.50'
s_bool: 'yes'
s_list: "[1, 'a', {'b': None}]"
s_dict: "{'a': 1, 'b': [true, null]}"
s_json: '{"a": [1, 2.5, null, true], "b": "x"}'
s_zero: '007'
s_space: ' padded '
s_lines: "one\ntwo\n\nthree\n"
s_quote: "it's \"so\""
s_none: 'None'
s_date: '2020-01-02'
s_uni: 'größe € ☃'
s_path: /etc/nginx/conf.d/site.conf.j2
s_empty: ''
s_hex: '0x1f'
s_exp: '1e3'
zero: 0
one: 1
big: 12345678901234567890
minus: -7
pi: 3.14
half: 0.5
whole: 2.0
yes_: true
no_: false
nothing: null
day: 2020-01-02
letters: [b, a, c, A]
numbers: [3, 1, 2, 3]
floats: [1.0, 2.5, 1]
mixed: [1, '1', null, true, [2, [3]], {k: v}]
empty_list: []
empty_map: {}
nested: {a: {x: 1, l: [1, 2]}, b: {y: 2, x: '{{ s_int }}'}, '1': one, 2: two}
other: {a: {z: 3, l: [2, 3]}, c: 5}
users:
  - {name: alice, uid: 1001, groups: [wheel, users], active: true}
  - {name: bob, uid: 1000, groups: [], active: false}
  - {name: carol, uid: '1002', groups: [users], active: true, shell: /bin/zsh}
pairs: [{key: a, value: 1}, {key: b, value: [2]}]
lazy: "{{ word }}"
lazy_int: "{{ one + 1 }}"
lazy_text: "n={{ one }}, l={{ numbers }}, m={{ other }}"
lazy_map: {one: "{{ zero }}", two: ["{{ word }}", plain], '{{ word }}': key}
lazy_list: ["{{ minus }}", "{{ word | lower }}", last]
lazy_omit: "{{ omit }}"
with_omit: [1, "{{ omit }}", 2]
map_omit: {a: 1, b: "{{ omit }}"}
broken: "{{ no_such_variable }}"
broken_map: {good: 1, bad: "{{ no_such_variable.x }}"}
broken_list: [1, "{{ no_such_variable }}"]
broken_filter: "{{ word | no_such_filter }}"
division: "{{ 1 / 0 }}"
chain: "{{ lazy_map.two[0] ~ lazy_int }}"
result_ok: {changed: true, failed: false, rc: 0, stdout: out, stdout_lines: [out]}
result_bad: {changed: false, failed: true, msg: no, rc: 2}
result_skip: {changed: false, skipped: true}
"""

DATA = {
    "evil": "{{ 1 + 1 }}",
    "evil_word": "a {% if true %}b{% endif %}",
    "evil_list": ["{{ one }}", "x"],
    "evil_map": {"k": "{{ word }}", "{{ word }}": 1, "n": {"deep": "{{ s_int }}"}},
    "fact": {"os": "Debian", "version": "12.5", "cores": 4, "disks": ["sda", "sdb"]},
}

STR = """word s_int s_float s_bool s_list s_dict s_json s_zero s_space s_lines s_quote s_none s_date s_uni s_path s_empty s_hex
s_exp lazy lazy_text chain evil evil_word fact.os fact['version'] users[0].name nested['1'] lazy_map['two'][0] result_ok.stdout
'abc' 'a,b,,c' 'x=1;y=2' '' 'True' '12' '3.0' '[1,2]' '{"a":1}' "it's" 'A-b_C' 'a/b/../c' '/etc/passwd' 'http://u:p@h.example:80/p?q=1#f'
'1.10.0' '2.0rc1' '10K' 'ééé'
<str>|lower <str>|upper <str>|capitalize <str>|title <str>|trim <str>|trim('/') <str>|string <any>|string <str>|replace('a','b')
<str>|regex_replace('[aeiou]','<\\\\g<0>>') <str>|regex_replace('^(.)(.*)$','\\\\2\\\\1') <str>|regex_replace('L','x',ignorecase=true)
<str>|regex_replace('(?m)^','#',count=1) <str>|regex_escape <str>|regex_escape('posix_basic') <str>|b64encode <str>|b64encode|b64decode
<str>|hash('sha256') <str>|hash('md5') <str>|checksum <str>|md5 <str>|sha1 <str>|to_uuid <str>|quote <any>|quote <str>|comment <str>|comment('c')
<str>|comment('plain',prefix='x',postfix='y') <str>|basename <str>|dirname <str>|normpath <str>|expanduser <str>|win_basename <str>|win_dirname
<str>|indent(2) <str>|indent(width=4,first=true) <str>|center(12) <str>|truncate(5) <str>|truncate(5,true,'..',0) <str>|wordwrap(5)
<str>|urlencode <map>|urlencode <str>|urldecode <str>|escape|string <str>|striptags <any>|type_debug <any>|to_json <any>|to_nice_json
<any>|to_json(sort_keys=true) <any>|to_nice_json(indent=2) <any>|to_yaml <any>|to_nice_yaml <any>|to_nice_yaml(indent=2) <list>|join <list>|join(',')
<list>|join(', ',attribute='name') <str>~<str> <any>~<any> <str>~<int> <str>+<str> <str>*<small> <str>[<small>] <str>[1:] <str>[:-1] <str>[::-1]
<str>|first <str>|last <str>|random(seed='x')|string <str>|reverse <str>|default('d') missing|default(<str>) <any>|default(<str>,true)
<bool>|ternary(<str>,<str>) <str> if <bool> else <str> '%s-%s'|format(<any>,<any>) '%05d'|format(<int>) '{}:{}'.format(<any>,<int>) <str>.upper()
<str>.strip() <str>.replace('l','L') <str>.startswith('H')|string <str>.split()|join('-') <str>.join(<list>) <str>.zfill(5)
<int>|human_readable <int>|human_readable(true) <int>|string <float>|string <list>|string <map>|string <bool>|string <str>|mandatory
<int>|filesizeformat <str>|wordcount|string <str>|expandvars <list>|path_join [<str>,<str>]|path_join <str>|relpath('/etc') '%Y-%m-%d'|strftime(<int>,true)
lookup('vars','word') lookup('vars','missing',default=<str>) lookup('env','CONFMAN_TEST_WORD') lookup('items',<list>) lookup('list',<list>)|string
lookup('sequence','1-3') lookup('pipe','echo one; echo two') lookup('file','plain.txt') lookup('file','plain.txt',rstrip=false)
lookup('file','evil.txt') lookup('csvfile','k2',file='table.csv',delimiter=',',col=1) lookup('ini','key',section='one',file='conf.ini')
lookup('first_found',['nope','plain.txt'])|basename lookup('fileglob','*.txt')|basename lookup('template','hello.j2') lookup('unvault','plain.txt')
lookup('nested',<list>,<list>)|string <str>|unvault('x') <str>|splitext|first <str>|urlsplit('hostname') <str>|urlsplit('port')|string
<list>|random(seed=3)|string <list>|pprint <any>|tojson <str>|forceescape|string <str>|safe|string (<str>) <str>|e""".split(
    "\n"
)

INT = """zero one big minus lazy_int users[0].uid numbers[0] nested.a.x fact.cores result_bad.rc lazy_list[0] 5 -3 0 1000000
<str>|int <str>|int(7) <any>|int <str>|int(base=16) <float>|int <str>|length <list>|length <map>|length <list>|count <int>+<int> <int>-<int> <int>*<int>
<int>//<int> <int>%<int> <small>**<small> -<int> +<int> <int>|abs <float>|round|int <numlist>|sum <numlist>|max <numlist>|min
<list>|sum(attribute='uid',start=0) users|map(attribute='uid')|map('int')|sum <numlist>|first <numlist>|last <str>|human_to_bytes <str>|wordcount
<bool>|int <int> if <bool> else <int> <int>|default(3) (<int>) <numlist>|random(seed='k') <int>|pow(2) <list>.index(<any>) <list>.count(<any>)
<str>.count('l') <str>.find('o') <int>.bit_length() lookup('vars','one') <map>.a <int>|mandatory <int>|bitwise_and(3)""".split(
    "\n"
)

FLOAT = """pi half whole 0.1 1e3 -2.5 <str>|float <str>|float(1.5) <any>|float <int>/<int> <int>|float <float>+<int> <float>*<float> <float>/<int> <float>-<float>
<float>|round <float>|round(1) <float>|round(2,'floor') <float>|round(0,'ceil') <int>|log <int>|log(10) <int>|root <int>|root(3) <int>|pow(0.5)
<float>|abs <float>//1 <float>%1 -<float> <floatlist>|sum <floatlist>|max <float> if <bool> else <int>""".split("\n")

SMALL = ["0", "1", "2", "3", "-1", "one", "zero", "lazy_int"]

BOOL = """yes_ no_ true false True False users[0].active <any>|bool <str>|bool <int>|bool not <bool> not <any> <any>==<any> <any>!=<any> <int><<int> <int>>=<int>
<any><<any> <str>><str> <float>==<int> <str>==<str> <any> in <list> <any> not in <list> <str> in <str> <str> in <map> <any> in <any> <bool> and <bool>
<bool> or <bool> <any> and <any> <any> or <any> <any> is defined <any> is undefined missing is defined broken is defined nested.nope is defined
broken_map.bad is defined broken_list[1] is undefined <any> is none <any> is string <any> is number <any> is integer <any> is float
<any> is mapping <any> is sequence <any> is iterable <any> is boolean <any> is true <any> is false <any> is truthy <any> is falsy <str> is truthy(convert_bool=true)
<any> is truthy(convert_bool=true) <any> is falsy(convert_bool=true) <str> is lower <str> is upper <int> is odd <int> is even <int> is divisibleby(3)
<any> is sameas true <any> is eq(<any>) <int> is gt(<int>) <int> is lt 3 <any> is in <list> <any> is callable <str> is escaped
<str> is match('[A-Z]') <str> is search('o') <str> is regex('^h',ignorecase=true) <str> is search('(') <str> is version('1.5','>=') <str> is version(<str>,'<')
<str> is version('2.0.0','lt',strict=true) <str> is version('1.10','eq',version_type='semver') <list> is subset(<list>) <list> is superset(<list>) <list> is contains(<any>) <map> is contains('a')
<list> is any <list> is all <boollist> is all <boollist> is any <float> is nan <str> is abs <str> is exists <str> is file <str> is directory <str> is link
<str> is link_exists <str> is mount <str> is same_file('/etc/passwd') <str> is uri <str> is url <str> is urn <str> is vaulted_file <str> is vault_encrypted
result_ok is changed result_ok is failed result_bad is failed result_bad is success result_skip is skipped result_ok is succeeded result_ok is reachable
result_ok is finished result_bad is unreachable <map> is failed <map> is changed <map> is skipped <any> is failed <any> is filter 'lower' is filter 'nope' is filter
'defined' is test <list>==<list> <map>==<map> <list><<list> <any> is not none <str> is not match('x') <any> is lower <any> is version('1','ge')
('{{ one }}' == 1) <bool>|default(true) <bool> if <bool> else <bool> (<bool>)""".split("\n")

LIST = """letters numbers floats mixed empty_list users pairs lazy_list with_omit evil_list fact.disks nested.a.l users[0].groups broken_list lazy_map.two
[] [<any>] [<any>,<any>] [<str>,<int>,<bool>] [<list>,<any>] [<int>,<int>,<int>] [omit,<any>] (<any>,<any>) (<str>,) <str>|split <str>|split(',') <str>|list <map>|list <list>|list
<list>|sort <list>|sort(reverse=true) <list>|sort(case_sensitive=true) <list>|sort(attribute='name') users|sort(attribute='active,uid'|string) users|sort(attribute='name',reverse=true)
<list>|unique <list>|unique(case_sensitive=true) <list>|unique|list users|unique(attribute='active') <list>|union(<list>)|sort <list>|intersect(<list>)|sort <list>|difference(<list>)|sort <list>|symmetric_difference(<list>)|sort
<list>|union(<list>)|length|list <list>|flatten <list>|flatten(levels=1) <list>|flatten(skip_nulls=false) <list>|reverse <list>|reverse|list <list>+<list> <list>*<small> <list>[1:] <list>[:2] <list>[::-1]
<list>|map('upper') <list>|map('string') <list>|map('int') <list>|map('length') <list>|map(attribute='name') <list>|map(attribute='name',default='x')|list users|map(attribute='groups')|flatten
users|map(attribute='shell')|list users|map(attribute='shell',default=none)|list <list>|map('extract',<map>) ['a','b']|map('extract',nested) ['a']|map('extract',nested,'x') ['a']|map('extract',nested,['l',0])
<list>|map('regex_replace','a','b') <list>|map('default','x') <list>|select <list>|select('string') <list>|select('defined') <list>|reject('none') <list>|reject('equalto',<any>) <list>|select('match','[ab]')
<list>|selectattr('active') users|selectattr('name','equalto','bob') users|selectattr('shell','defined') users|rejectattr('active') users|selectattr('uid','>',1000) users|selectattr('groups','contains','wheel')
users|rejectattr('shell','undefined') users|groupby('active') users|groupby('shell',default='none') users|map('combine',{'x':1}) <list>|batch(2) <list>|batch(2,'f')|list <list>|slice(2) <list>|slice(2)|list
<list>|zip(<list>) <list>|zip(<list>)|list <list>|zip_longest(<list>,fillvalue=<any>) <list>|product(<list>)|list <list>|permutations(2)|list <list>|combinations(2)|list <list>|subelements('groups') users|subelements('groups')
users|subelements('nope',skip_missing=true) <map>|dict2items <map>|dict2items(key_name='k',value_name='v') <map>|dictsort <map>|dictsort(by='value') <map>|dictsort(reverse=true)
<map>.keys() <map>.keys()|list <map>.values() <map>.values()|list <map>.items() <map>.items()|list <map>|items|list range(<small>) range(3)|list range(1,6,2) <str>|regex_findall('[a-z]') <str>|regex_findall('(.)(o)') <str>|regex_search('(H)(e)','\\\\1','\\\\2')
<str>|regex_search('o') <str>|splitext <str>|win_splitdrive <str>|from_json <any>|from_yaml <str>|from_yaml_all <str>|from_yaml_all|list <list>|random(seed=1) <list>|shuffle(seed='s') <list>|default([]) <any>|default([],true)
query('items',<list>) query('dict',<map>) query('list',<list>) query('nested',<list>,<list>) query('together',<list>,<list>) query('sequence','1-5') query('sequence','start=1 end=6 stride=2 format=x%02d') query('sequence',start=1,end=3)
query('indexed_items',<list>) query('subelements',users,'groups') query('subelements',users,'nope',{'skip_missing':true}) query('varnames','^s_.*t$') query('vars','word','one') query('lines','echo a; echo b') query('fileglob','*.txt')|map('basename')|sort
query('csvfile','k1',file='table.csv',delimiter=',') q('env','CONFMAN_TEST_WORD') query('first_found',['nope'],skip=true) query('random_choice',[<any>]) lookup('dict',<map>) lookup('dict',<map>,wantlist=true) lookup('together',<list>,<list>)
<list> if <bool> else <list> <str>.split(',') <str>.splitlines() <list>|last <list>|first <list>|min <list>|max <list>|d([]) <list>|tojson|from_json <any>|to_json|from_json <any>|to_yaml|from_yaml""".split(
    "\n"
)

MAP = """nested other empty_map lazy_map map_omit evil_map fact users[0] nested.a broken_map result_ok result_bad pairs[0] {} {'a':<any>} {'a':<any>,'b':<any>} {<str>:<any>} {<any>:<any>} {'a':omit,'b':1}
<map>|combine(<map>) <map>|combine(<map>,recursive=true) <map>|combine(<map>,<map>,recursive=true,list_merge='append') <map>|combine(<map>,recursive=true,list_merge='append_rp') <map>|combine(<map>,list_merge='prepend') [<map>,<map>]|combine nested|combine(other,recursive=true,list_merge='prepend_rp')
pairs|items2dict <list>|items2dict users|items2dict(key_name='name',value_name='uid') dict(<list>|zip(<list>)) dict(letters|zip(numbers)) dict(a=<any>) <map>|dict2items|items2dict users|rekey_on_member('name') <list>|rekey_on_member('name') <map>|rekey_on_member('x',duplicates='overwrite') <str>|from_json <str>|from_yaml <str>|urlsplit 'http://u:p@h:80/p?q'|urlsplit
<map>|default({}) <list>|first <map> if <bool> else <map> <any>|default({},true) <map>.copy() <any>|to_nice_json|from_json <map>|dict2items|rejectattr('key','equalto','a')|items2dict query('dict',<map>)|items2dict <map>|to_nice_yaml|from_yaml lookup('vars','nested') lookup('dict',<map>) dict(<map>,z=1) <map>|dictsort|list|last""".split(
    "\n"
)

ANY = """missing nested.missing users[9] users[0].missing missing.a.b broken broken_map.bad broken_list[1] broken_filter division omit lazy_omit nothing day none <str> <str> <str> <int> <int> <float> <bool> <list> <list> <map> <map>
<any>.a <any>['a'] <any>[0] <any>[<any>] <map>[<str>] <map>.get('a') <map>.get('nope',<any>) <map>|list|first nested[2] nested['2'] nested[1] nested['a']['l'][1] <any>|default(<any>) <any>|default(<any>,true) <any>|d <any>|mandatory missing|mandatory(<str>) <any>|ternary(<any>,<any>) <bool>|ternary(1,2) none|ternary(1,2,3)
<list>|first <list>|last <list>|min <list>|max <list>[0] <list>[-1] undef() undef('why') undef(hint='why')|default(<any>) <map>|random(seed=2) <any> if <bool> <any>|from_json <any>|from_yaml <str>|regex_search('l+') <str>|regex_search('z') <str>|regex_search('(?P<n>o)','\\\\g<n>') <str>|to_datetime('%Y-%m-%d') '2020-01-02'|to_datetime('%Y-%m-%d')
('2020-01-02'|to_datetime('%Y-%m-%d')-'2020-01-01'|to_datetime('%Y-%m-%d')).days <any>|no_such_filter <any> is no_such_test lookup('no_such_lookup') lookup('vars','missing') lookup('vars',<any>) <any>+<any> <any>-<any> <any>*<small> <any>/<any> <any>|map('upper') <any>|items2dict <any>|dict2items <any>|length <any>|join('-') <any>|sum <any>|first <any>|sort <any>|unique <any>|flatten <any>|combine({'x':1}) <any>|attr('a') <map>|attr('keys') <any>|list <any>|string|int <any>|human_readable""".split(
    "\n"
)

KINDS = {
    "str": STR,
    "int": INT,
    "float": FLOAT,
    "small": [" ".join(SMALL)],
    "bool": BOOL,
    "list": LIST,
    "map": MAP,
    "any": ANY,
    "numlist": ["numbers [<int>,<int>] numbers|sort numbers|unique range(4)|list [<int>] <list>"],
    "floatlist": ["floats [<float>,<float>] [<float>,<int>]"],
    "boollist": ["[<bool>] [<bool>,<bool>] [true,<bool>] []"],
}

STATEMENTS = [
    "a {{ <any> }} b",
    "{{ <any> }}{{ <any> }}",
    "{{ <any> }} ",
    "{{ <str> }}\n",
    "{{ <any> }}\n{{ <any> }}\n",
    "{% if <bool> %}{{ <any> }}{% else %}{{ <any> }}{% endif %}",
    "{% if <any> %}yes{% endif %}",
    "{% for i in <list> %}{{ i }},{% endfor %}",
    "{% for i in <list> %}{{ loop.index }}{{ i }}{% if not loop.last %};{% endif %}{% else %}none{% endfor %}",
    "{% for k, v in (<map>).items() %}{{ k }}={{ v }} {% endfor %}",
    "{% for u in users if u.active %}{{ u.name }}{% endfor %}",
    "{% for u in users %}{{ u.shell | default(<str>) }}{% endfor %}",
    "{% set x = <any> %}{{ x }}",
    "{% set x = <list> %}{{ x | length }}{{ x }}",
    "{% set ns = namespace(n=0) %}{% for i in <list> %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}",
    "{% macro m(a, b=<any>) %}[{{ a }}{{ b }}]{% endmacro %}{{ m(<any>) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(<any>) | upper }}",
    "{% set t %}x{{ <any> }}{% endset %}{{ t }}",
    "{% filter upper %}{{ <str> }}{% endfilter %}",
    "{% with y = <any> %}{{ y }}{% endwith %}",
    "{% raw %}{{ x }}{% endraw %}{{ <str> }}",
    "{# note #}{{ <any> }}",
    "{{- <any> -}} tail",
    "  {%- if <bool> %} a {%- endif %} b",
    "[{{ <int> }}, {{ <int> }}]",
    "{'a': {{ <int> }}}",
    "{{ <int> }}.{{ <int> }}",
    "{{ <bool> }}{{ '' }}",
    "{{ '' }}{{ none }}",
    "{{ '{{ ' ~ <str> }}",
    '{{ "{{ word }}" }}',
    "{% include 'hello.j2' %}",
    "{% import 'macros.j2' as m %}{{ m.hi(<str>) }}",
    "plain text {{ '' }}",
]
"""Whole templates: what is not a single expression."""

FILES = {
    "plain.txt": "first line\nsecond\n\n",
    "evil.txt": "{{ 1 + 1 }}",
    "table.csv": "k1,one,eins\nk2,{{ two }},zwei\n",
    "conf.ini": "[one]\nkey = value\nother = 7\n[two]\nkey = x\n",
    "hello.j2": "Hello {{ word }}{{ one }}\n",
    "macros.j2": "{% macro hi(n) %}hi {{ n }}{% endmacro %}",
}
"""What stands in the folder."""
