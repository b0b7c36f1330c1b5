# Programs with windows.
{ licenses }:
with licenses;
{
  alacritty = {
    version = "0.15.1";
    description = "Cross-platform, GPU-accelerated terminal emulator";
    homepage = "https://github.com/alacritty/alacritty"; license = asl20; size = 40;
    needs = [ "glibc" "libxkbcommon" ];
  };
  audacity = {
    version = "3.7.5";
    description = "Sound editor with graphical UI";
    homepage = "https://www.audacityteam.org"; license = gpl2Plus; size = 128;
    needs = [ "gtk3" "ffmpeg" ]; prebuilt = false;
  };
  blender = {
    version = "4.5.3";
    description = "3D Creation/Animation/Publishing System";
    homepage = "https://www.blender.org"; license = gpl3Plus; size = 512;
    needs = [ "python3" "libxkbcommon" "ffmpeg" ]; prebuilt = false;
  };
  cataclysm-dda = {
    version = "0.H";
    description = "Free, post apocalyptic, zombie infested rogue-like";
    homepage = "https://cataclysmdda.org/"; license = gpl3Plus; size = 90; needs = [ "ncurses" ];
    broken = true;
  };
  chromium = {
    version = "140.0.7339.207";
    description = "Open source web browser from Google";
    homepage = "https://www.chromium.org/"; license = bsd3;
    programs = [ "chromium" "chromium-browser" ]; size = 360;
    needs = [ "gtk3" "nss" "cups" "libxkbcommon" ];
  };
  darktable = {
    version = "5.2.1";
    description = "Virtual lighttable and darkroom for photographers";
    homepage = "https://www.darktable.org"; license = gpl3Plus; size = 144;
    needs = [ "gtk3" "libpng" "libjpeg" "sqlite" ]; prebuilt = false;
  };
  element-desktop = {
    version = "1.11.112";
    description = "Feature-rich client for Matrix.org";
    homepage = "https://element.io/"; license = agpl3Only; size = 160; needs = [ "nss" ];
  };
  emacs = {
    version = "30.2";
    description = "Extensible, customizable GNU text editor";
    homepage = "https://www.gnu.org/software/emacs/"; license = gpl3Plus;
    programs = [ "emacs" "emacsclient" ]; size = 240; needs = [ "gtk3" "ncurses" "tree-sitter" ];
  };
  evince = {
    version = "48.1";
    description = "GNOME's document viewer";
    homepage = "https://apps.gnome.org/Evince/"; license = gpl2Plus; size = 32; needs = [ "gtk3" ];
  };
  firefox = {
    version = "143.0";
    description = "Web browser built from Firefox source tree";
    homepage = "http://www.mozilla.com/en-US/firefox/"; license = mpl20; size = 280;
    needs = [ "gtk3" "nss" "ffmpeg" "libxkbcommon" ];
  };
  foot = {
    version = "1.24.0";
    description = "Fast, lightweight and minimalistic Wayland terminal emulator";
    homepage = "https://codeberg.org/dnkl/foot/"; license = mit;
    programs = [ "foot" "footclient" ]; size = 16; needs = [ "libxkbcommon" ];
  };
  gimp = {
    version = "2.10.38";
    description = "GNU Image Manipulation Program";
    homepage = "https://www.gimp.org/"; license = gpl3Plus; size = 200;
    needs = [ "gtk3" "libpng" "libjpeg" ];
  };
  gnome-tweaks = {
    version = "46.1";
    description = "Tool to customize advanced GNOME 3 options";
    homepage = "https://gitlab.gnome.org/GNOME/gnome-tweaks"; license = gpl3Plus; size = 12;
    needs = [ "gtk4" "python3" ];
  };
  gparted = {
    version = "1.7.0";
    description = "Graphical disk partitioning tool";
    homepage = "https://gparted.org"; license = gpl2Plus; size = 24; needs = [ "gtk3" ];
  };
  inkscape = {
    version = "1.4.2";
    description = "Vector graphics editor";
    homepage = "https://www.inkscape.org"; license = gpl3Plus; size = 180;
    needs = [ "gtk3" "python3" "libpng" ];
  };
  keepassxc = {
    version = "2.7.10";
    description = "Offline password manager with many features";
    homepage = "https://keepassxc.org/"; license = gpl2Plus;
    programs = [ "keepassxc" "keepassxc-cli" ]; size = 48; needs = [ "zlib" ];
  };
  kitty = {
    version = "0.42.2";
    description = "Fast, feature-rich, GPU based terminal emulator";
    homepage = "https://github.com/kovidgoyal/kitty"; license = gpl3Only;
    programs = [ "kitty" "kitten" ]; size = 72; needs = [ "python3" "libxkbcommon" ];
  };
  krita = {
    version = "5.2.11";
    description = "Free and open source painting application";
    homepage = "https://krita.org/"; license = gpl3Only; size = 240;
    needs = [ "libpng" "libjpeg" "python3" ]; prebuilt = false;
  };
  libreoffice = {
    version = "24.8.7.2";
    description = "Comprehensive, professional-quality productivity suite, a variant of openoffice.org";
    homepage = "https://libreoffice.org/"; license = lgpl3Plus;
    programs = [ "libreoffice" "soffice" "localc" "lowriter" ]; size = 640;
    needs = [ "gtk3" "cups" "nss" "python3" ];
  };
  mpv = {
    version = "0.40.0";
    description = "General-purpose media player, fork of MPlayer and mplayer2";
    homepage = "https://mpv.io"; license = gpl2Plus; size = 40; needs = [ "ffmpeg" "libxkbcommon" ];
  };
  obs-studio = {
    version = "31.1.2";
    description = "Free and open source software for video recording and live streaming";
    homepage = "https://obsproject.com"; license = gpl2Plus;
    programs = [ "obs" ]; size = 128; needs = [ "ffmpeg" "curl" ]; prebuilt = false;
  };
  qutebrowser = {
    version = "3.5.1";
    description = "Keyboard-focused browser with a minimal GUI";
    homepage = "https://github.com/qutebrowser/qutebrowser"; license = gpl3Plus; size = 40;
    needs = [ "python3" ];
  };
  signal-desktop = {
    version = "7.70.0";
    description = "Private, simple, and secure messenger";
    homepage = "https://signal.org/"; license = agpl3Only; size = 180; needs = [ "nss" "sqlite" ];
  };
  telegram-desktop = {
    version = "6.1.3";
    description = "Telegram Desktop messaging app";
    homepage = "https://desktop.telegram.org/"; license = gpl3Only;
    programs = [ "Telegram" ]; size = 120; needs = [ "ffmpeg" "openssl" ];
  };
  thunderbird = {
    version = "143.0";
    description = "Full-featured e-mail client";
    homepage = "https://thunderbird.net/"; license = mpl20; size = 260; needs = [ "gtk3" "nss" ];
  };
  transmission_4 = {
    pname = "transmission"; version = "4.0.6";
    description = "Fast, easy and free BitTorrent client";
    homepage = "https://www.transmissionbt.com/"; license = gpl2Plus;
    programs = [ "transmission-remote" "transmission-daemon" "transmission-cli" ]; size = 32;
    needs = [ "curl" "openssl" ];
  };
  vlc = {
    version = "3.0.21";
    description = "Cross-platform media player and streaming server";
    homepage = "https://www.videolan.org/vlc/"; license = lgpl21Plus;
    programs = [ "vlc" "cvlc" ]; size = 112; needs = [ "ffmpeg" "gtk3" ];
  };
  wireshark = {
    version = "4.4.9";
    description = "Powerful network protocol analyzer";
    homepage = "https://www.wireshark.org"; license = gpl2Plus;
    programs = [ "wireshark" "tshark" ]; size = 140; needs = [ "glib" "zlib" ]; prebuilt = false;
  };
  wireshark-cli = {
    version = "4.4.9";
    description = "Powerful network protocol analyzer";
    homepage = "https://www.wireshark.org"; license = gpl2Plus;
    programs = [ "tshark" ]; size = 60; needs = [ "glib" "zlib" ];
  };
  zathura = {
    version = "0.5.12";
    description = "Highly customizable and functional PDF viewer";
    homepage = "https://pwmt.org/projects/zathura"; license = zlib; size = 16;
    needs = [ "gtk3" "sqlite" ];
  };
}
