"""What each family of rules understands, told by examples of its own."""

from __future__ import annotations

import pytest

from luminous_protocol.grammar import recognise
from luminous_protocol.intents import IntentKind


def read(text: str) -> list[tuple[str, dict[str, str]]]:
    """Return kinds and slots of what a text asks for."""
    return [(intent.kind.value, dict(intent.slots)) for intent in recognise(text).intents]


@pytest.mark.parametrize(
    ("text", "package"),
    [
        ("install firefox", "firefox"),
        ("Could you PLEASE install htop?", "htop"),
        ("get me chrome", "google-chrome"),
        ("i need vs code", "vscode"),
        ("add rust", "rustc"),
        ("install python", "python3"),
        ("install libre office", "libreoffice"),
        ("install obs studio", "obs-studio"),
        ("isntall frefox", "firefox"),
        ("install zathurra", "zathura"),
        ("neovim please", "neovim"),
        ("+ripgrep", "ripgrep"),
        ("nix profile install nixpkgs#jq", "jq"),
        ("sudo apt install tmux", "tmux"),
        ("install kdePackages.dolphin", "kdePackages.dolphin"),
        ("install the firefox browser", "firefox"),
        ("install gimp so that i can edit my pictures", "gimp"),
        ("installiere bitte gimp", "gimp"),
        ("vorrei installare gimp", "gimp"),
        ("请安装 gimp", "gimp"),
        ("gimpをインストールしてください", "gimp"),
    ],
)
def test_a_request_to_install_yields_the_packages_attribute(text: str, package: str) -> None:
    assert read(text) == [("install", {"package": package})]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("I need something to edit photos", "photo editor"),
        ("i want to browse the web", "web browser"),
        ("install a good password manager", "password manager"),
        ("get me a program for editing videos", "video editor"),
        ("i need to write a letter", "office suite"),
    ],
)
def test_a_purpose_becomes_a_category(text: str, category: str) -> None:
    assert read(text) == [("install", {"category": category})]


def test_a_declarative_form_says_the_scope() -> None:
    assert read("add pkgs.htop to environment.systemPackages") == [
        ("install", {"package": "htop", "scope": "system"})
    ]
    assert read("put delta into my home.packages") == [
        ("install", {"package": "delta", "scope": "user"})
    ]


def test_an_unknown_package_word_is_kept_as_typed_with_less_confidence() -> None:
    (unknown,) = recognise("install frobnicator9").intents
    (known,) = recognise("install htop").intents
    assert dict(unknown.slots) == {"package": "frobnicator9"}
    assert unknown.confidence < known.confidence


def test_a_repaired_name_offers_the_word_as_typed_as_the_alternative() -> None:
    (intent,) = recognise("install inkscpae").intents
    assert intent.slots["package"] == "inkscape"
    assert [dict(other.slots) for other in intent.alternatives] == [{"package": "inkscpae"}]
    assert "inkscpae" in intent.explanation


def test_a_package_that_is_also_a_service_offers_the_service_as_the_alternative() -> None:
    (intent,) = recognise("install docker").intents
    assert [other.kind for other in intent.alternatives] == [IntentKind.ENABLE_SERVICE]
    assert intent.alternatives[0].slots["option"] == "virtualisation.docker.enable"


@pytest.mark.parametrize(
    ("text", "package"),
    [
        ("get rid of gimp", "gimp"),
        ("uninstall vs code please", "vscode"),
        ("slack can go", "slack"),
        ("i want spotify gone", "spotify"),
        ("i don't need discord anymore, remove it", "discord"),
        ("take chromium off my computer", "chromium"),
        ("désinstalle gimp", "gimp"),
        ("-cowsay", "cowsay"),
    ],
)
def test_a_request_to_remove_yields_the_packages_attribute(text: str, package: str) -> None:
    assert read(text) == [("remove", {"package": package})]


def test_replacing_is_removing_and_installing_in_that_order() -> None:
    assert read("replace nano with vim") == [
        ("remove", {"package": "nano"}),
        ("install", {"package": "vim"}),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("update", ("update", {})),
        ("bring my system up to date", ("update", {})),
        ("nix flake update nixpkgs", ("update", {"input": "nixpkgs"})),
        ("aktualisiere das System", ("update", {})),
        ("nixos-rebuild test", ("rebuild", {"action": "test"})),
        ("rebuild for next boot", ("rebuild", {"action": "boot"})),
        ("build the config but don't activate it", ("rebuild", {"action": "build"})),
        ("apply my configuration", ("rebuild", {})),
        ("roll back", ("rollback", {})),
        ("go back two generations", ("rollback", {"steps": "2"})),
        ("undo my last change", ("rollback", {"undo": "true"})),
        ("switch to generation 42", ("switch_generation", {"generation": "42"})),
        ("list generations", ("list_generations", {})),
        ("which versions can I go back to?", ("list_generations", {})),
    ],
)
def test_the_system_as_a_whole_is_understood(
    text: str, expected: tuple[str, dict[str, str]]
) -> None:
    assert read(text) == [expected]


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("collect garbage", {}),
        ("my disk is full, free up some space", {}),
        ("delete generations older than two weeks", {"older_than": "14d"}),
        ("nix-collect-garbage --delete-older-than 30d", {"older_than": "30d"}),
        ("keep only the last three generations", {"keep": "3"}),
    ],
)
def test_garbage_is_collected_within_the_limits_that_were_said(
    text: str, slots: dict[str, str]
) -> None:
    assert read(text) == [("garbage_collect", slots)]


BLUETOOTH = {"service": "bluetooth", "option": "hardware.bluetooth.enable"}
NGINX = {"service": "nginx", "option": "services.nginx.enable"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("enable bluetooth", ("enable_service", BLUETOOTH)),
        ("turn bluetoth on", ("enable_service", BLUETOOTH)),
        ("schalte bluetooth ein", ("enable_service", BLUETOOTH)),
        ("restart nginx", ("enable_service", {**NGINX, "action": "restart"})),
        ("stop nginx", ("disable_service", {**NGINX, "action": "stop"})),
        ("turn bluetooth off", ("disable_service", BLUETOOTH)),
        ("开启蓝牙", ("enable_service", BLUETOOTH)),
    ],
)
def test_a_service_is_named_with_its_option(
    text: str, expected: tuple[str, dict[str, str]]
) -> None:
    assert read(text) == [expected]


@pytest.mark.parametrize(
    ("text", "option", "value"),
    [
        ("set my timezone to berlin", "time.timeZone", "Europe/Berlin"),
        ("rename this machine to atlas", "networking.hostName", "atlas"),
        ("open port 8080", "networking.firewall.allowedTCPPorts", "8080"),
        ("open udp port 51820", "networking.firewall.allowedUDPPorts", "51820"),
        ("allow unfree packages", "nixpkgs.config.allowUnfree", "true"),
        ("use the german keyboard layout", "services.xserver.xkb.layout", "de"),
        ("set services.openssh.enable to true", "services.openssh.enable", "true"),
        ("services.nginx.enable = true;", "services.nginx.enable", "true"),
        ('networking.hostName = "web1"', "networking.hostName", "web1"),
        ('users.users."alice".shell = pkgs.zsh', 'users.users."alice".shell', "pkgs.zsh"),
    ],
)
def test_an_option_is_set_to_the_value_said(text: str, option: str, value: str) -> None:
    assert read(text) == [("set_option", {"option": option, "value": value})]


def test_unsetting_an_option_says_so_and_names_no_value() -> None:
    assert read("unset networking.hostName") == [
        ("set_option", {"option": "networking.hostName", "action": "unset"})
    ]


def test_closing_a_port_takes_it_out_of_the_list() -> None:
    slots = {"option": "networking.firewall.allowedTCPPorts", "value": "22", "action": "unset"}
    assert read("close port 22") == [("set_option", slots)]


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("add alice to the docker group", {"user": "alice", "groups": "docker"}),
        ("make fish my default shell", {"user": "me", "shell": "fish"}),
        ("create a user named bob", {"user": "bob", "action": "create"}),
        ("give bob sudo rights", {"user": "bob", "groups": "wheel"}),
    ],
)
def test_users_are_configured(text: str, slots: dict[str, str]) -> None:
    assert read(text) == [("configure_user", slots)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("how much free space do I have", "query_status"),
        ("is nginx running?", "query_status"),
        ("which packages are installed?", "query_status"),
        ("search for markdown", "search"),
        ("is there a package for note taking?", "search"),
        ("what is a flake?", "explain"),
        ("how do I install firefox?", "explain"),
        ("why does nginx keep crashing", "diagnose"),
        ("error: attribute 'foo' missing, at /etc/nixos/x.nix:1:2", "diagnose"),
        ("help", "help"),
        ("what can you do?", "help"),
    ],
)
def test_questions_are_answered_and_change_nothing(text: str, kind: str) -> None:
    assert [name for name, _ in read(text)] == [kind]


def test_several_requests_keep_their_order() -> None:
    assert read("install vim and git then update") == [
        ("install", {"package": "vim"}),
        ("install", {"package": "git"}),
        ("update", {}),
    ]
    assert [name for name, _ in read("remove nano, clean up and rebuild")] == [
        "remove",
        "garbage_collect",
        "rebuild",
    ]


def test_names_in_a_row_are_a_list_when_each_is_known() -> None:
    names = [slots["package"] for _, slots in read("install docker postgresql nginx")]
    assert names == ["docker", "postgresql", "nginx"]


def test_its_group_is_that_of_the_service_before() -> None:
    assert read("enable docker and add me to its group")[1] == (
        "configure_user",
        {"user": "me", "groups": "docker"},
    )


def test_the_explanation_names_words_and_rule() -> None:
    (intent,) = recognise("get rid of gimp").intents
    assert intent.explanation == "'get rid of gimp' means remove (rule remove.verb)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("discord, install it!", ("install", {"package": "discord"})),
        (
            "my nephew says I need inkscape, set that up for me",
            ("install", {"package": "inkscape"}),
        ),
        ("why is vlc still not here, just install it", ("install", {"package": "vlc"})),
        ("I don't use slack any longer, take it off", ("remove", {"package": "slack"})),
        ("my kids love frobnicator9, please install it", ("install", {"package": "frobnicator9"})),
        ("my headset needs bluetooth, turn it on", ("enable_service", BLUETOOTH)),
    ],
)
def test_it_is_what_was_named_before(text: str, expected: tuple[str, dict[str, str]]) -> None:
    assert read(text) == [expected]


@pytest.mark.parametrize("text", ["vim and emacs are editors, install it", "install it"])
def test_it_is_nothing_when_nothing_or_two_things_were_named(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("deploy tcpdump to this host", ("install", {"package": "tcpdump"})),
        ("please do the installation of gparted", ("install", {"package": "gparted"})),
        ("please get vlc uninstalled", ("remove", {"package": "vlc"})),
        ("get nginx started up please", ("enable_service", NGINX)),
    ],
)
def test_words_in_an_unforeseen_order_are_read_with_less_confidence(
    text: str, expected: tuple[str, dict[str, str]]
) -> None:
    (intent,) = recognise(text).intents
    assert (intent.kind.value, dict(intent.slots)) == expected
    assert intent.confidence < 0.6


def test_plain_requests_may_be_parted_by_semicolons() -> None:
    assert read("install htop; disable bluetooth") == [
        ("install", {"package": "htop"}),
        ("disable_service", BLUETOOTH),
    ]
    assert read("install htop; reboot") == []


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("how do I configure the firewall in NixOS?", "firewall"),
        ("how do I update packages?", "updating packages"),
        ("how do I rebuild my system?", "rebuild"),
        ("how does pinning work", "pinning"),
        ("explain overlays to me", "overlays"),
        ("what happens when I roll back", "rollback"),
        ("explain: install docker", "install docker"),
    ],
)
def test_a_question_is_about_a_thing_without_the_words_that_ask(text: str, topic: str) -> None:
    assert read(text) == [("explain", {"topic": topic})]


def test_trouble_is_heard_in_a_sentence_that_is_not_understood_whole() -> None:
    text = "ever since tuesday the wifi on my old machine keeps dropping like flies"
    assert read(text) == [("diagnose", {"problem": "wifi"})]
