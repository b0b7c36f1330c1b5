"""Comparing systems: packages by name, and the reasons for a reboot."""

from __future__ import annotations

import pytest

from luminous_daemon.core.comparing import compare_packages, reboot_reason
from luminous_protocol.plan import PackageChange

KERNEL = {
    "kernel": "/nix/store/a-linux-6.1",
    "initrd": "/nix/store/b-initrd",
    "parameters": "quiet",
}


def test_packages_come_go_or_change_their_version_by_name() -> None:
    before = {"vim": "9.0", "git": "2.51", "hello": "2.12"}
    after = {"vim": "9.1", "git": "2.51", "abc": "1"}
    assert compare_packages(before, after) == (
        PackageChange("abc", "", "1"),
        PackageChange("hello", "2.12", ""),
        PackageChange("vim", "9.0", "9.1"),
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"kernel": "/nix/store/a-linux-6.1/bzImage"}, ""),
        ({"kernel": "/nix/store/c-linux-6.2"}, "the kernel changes"),
        ({"initrd": "/nix/store/d-initrd"}, "the initial RAM disk changes"),
        ({"parameters": "verbose"}, "the kernel's parameters change"),
        (
            {"kernel": "/nix/store/c", "parameters": "x"},
            "the kernel changes and the kernel's parameters change",
        ),
        ({"kernel": ""}, ""),
    ],
)
def test_a_reboot_is_needed_for_what_only_booting_brings(
    changes: dict[str, str], reason: str
) -> None:
    assert reboot_reason(KERNEL, KERNEL | changes) == reason


@pytest.mark.parametrize(
    ("before", "after"),
    [("quiet", "quiet splash"), ("quiet splash", "quiet"), ("", "quiet"), ("quiet", "")],
)
def test_kernel_parameters_are_compared_whole(before: str, after: str) -> None:
    found = reboot_reason(KERNEL | {"parameters": before}, KERNEL | {"parameters": after})
    assert found == "the kernel's parameters change"
