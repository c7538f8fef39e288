"""What is evaluated: the variables of a host, and templates as playbooks and roles have them.

Imported by both sides, so nothing of either is imported here.
"""

from __future__ import annotations

from typing import Any

GROUP = r"""
app_name: shop
app_version: "2.4.1"
app_user: "{{ app_name }}"
app_home: "/opt/{{ app_name }}"
app_port: 8080
app_url: "http://{{ inventory_hostname }}:{{ app_port }}/{{ app_name }}"
app_debug: false
app_packages: [nginx, python3, git, curl, openssl]
app_config: {workers: 4, timeout: 30, log: "{{ app_home }}/log/app.log", features: [a, b, c]}
app_users:
  - {name: alice, uid: 1001, groups: [wheel, users], shell: /bin/bash}
  - {name: bob, uid: 1002, groups: [users]}
  - {name: carol, uid: 1003, groups: [wheel], active: false}
app_defaults: {retries: 3, delay: 5, log: {level: info, rotate: true}}
app_overrides: {retries: 5, log: {level: debug}}
app_dirs: ["{{ app_home }}", "{{ app_home }}/log", "{{ app_home }}/run"]
"""
TEMPLATES = r"""
{{ app_name }}
{{ app_port }}
{{ app_url }}
{{ app_home }}/releases/{{ app_version }}
{{ inventory_hostname }}
{{ inventory_hostname_short | default(inventory_hostname.split('.') | first) }}
{{ ansible_facts.distribution }}-{{ ansible_facts['distribution_major_version'] }}
{{ ansible_facts.os_family | lower }}
{{ ansible_facts.default_ipv4.address | default('127.0.0.1') }}
{{ ansible_facts.memtotal_mb // 2 }}
{{ (ansible_facts.processor_vcpus * 2) | int }}
{{ app_config.workers }}
{{ app_config.log | dirname }}
{{ app_packages }}
{{ app_packages | join(' ') }}
{{ app_packages + ['vim'] }}
{{ app_users | map(attribute='name') | list }}
{{ app_users | selectattr('groups', 'contains', 'wheel') | map(attribute='name') | join(',') }}
{{ app_users | rejectattr('active', 'defined') | list | length }}
{{ app_defaults | combine(app_overrides, recursive=true) }}
{{ app_dirs }}
{{ app_name | upper }}_{{ app_version | replace('.', '_') }}
{{ app_version is version('2.0', '>=') }}
{{ missing_variable | default('fallback') }}
{{ missing_variable | default(app_name ~ '-' ~ app_port) }}
{{ app_debug | ternary('DEBUG', 'INFO') }}
{{ 'yes' if app_debug else 'no' }}
{{ result.stdout | trim }}
{{ result.stdout_lines | length > 0 }}
{{ result.rc == 0 }}
{{ result is changed }}
{{ item.name }}
{{ item.shell | default('/bin/sh') }}
{{ item.groups | default([]) | join(',') }}
{{ app_home }}/{{ item.name }}.conf
{{ app_config | to_json }}
{{ app_name | regex_replace('^s', 'S') }}
{{ app_users | length }}
{{ lookup('env', 'HOME') }}
{% if app_debug %}debug{% else %}info{% endif %}
""".strip().splitlines()
CONDITIONS = [
    "app_debug",
    "not app_debug",
    "app_port > 1024",
    "ansible_facts.os_family == 'Debian'",
    "result is not failed",
    "result.rc != 0",
    "missing_variable is defined",
    "item.active | default(true)",
    "'wheel' in item.groups",
    "app_version is version('2.0', '>=') and ansible_facts.distribution in ['Debian', 'Ubuntu']",
]
HOSTS, TASKS = 100, 20
EACH = len(TEMPLATES) + len(CONDITIONS)
"""Expressions of a task, on each host: 100 hosts x 20 tasks x 50 expressions are 100,000."""


def host_data(number: int) -> dict[str, Any]:
    """What is known of a host, as data."""
    name = f"web{number:03}.example.org"
    return {
        "inventory_hostname": name,
        "inventory_hostname_short": name.partition(".")[0],
        "ansible_facts": {
            "distribution": "Debian",
            "distribution_major_version": "12",
            "os_family": "Debian",
            "memtotal_mb": 4000 + number,
            "processor_vcpus": 4,
            "default_ipv4": {"address": f"10.0.0.{number % 250}", "interface": "eth0"},
            "env": {"HOME": "/root", "PATH": "/usr/bin:/bin"},
            "interfaces": ["lo", "eth0"],
        },
    }


def task_data(number: int) -> dict[str, Any]:
    """What is known at one task: a registered result, an item."""
    return {
        "result": {"changed": True, "failed": False, "rc": 0, "stdout": f" out {number} ", "stdout_lines": ["out"]},
        "item": {"name": f"user{number}", "groups": ["users"] * (number % 3)},
    }
