# Programs for the command line.
{ licenses }:
with licenses;
{
  ansible = {
    version = "2.19.2";
    description = "Radically simple IT automation";
    homepage = "https://www.ansible.com"; license = gpl3Plus;
    programs = [ "ansible" "ansible-playbook" ]; size = 160; needs = [ "python3" ];
    prebuilt = false;
  };
  bat = {
    version = "0.25.0";
    description = "Cat clone with syntax highlighting and Git integration";
    homepage = "https://github.com/sharkdp/bat"; license = asl20; size = 56;
    needs = [ "glibc" "zlib" ];
  };
  btop = {
    version = "1.4.5";
    description = "Monitor of resources";
    homepage = "https://github.com/aristocratos/btop"; license = asl20; size = 24;
    needs = [ "glibc" ];
  };
  cowsay = {
    version = "3.8.4";
    description = "Program which generates ASCII pictures of a cow with a message";
    homepage = "https://cowsay.diamonds"; license = gpl3Only;
    programs = [ "cowsay" "cowthink" ]; says = "< moo >";
  };
  curl = {
    version = "8.14.1";
    description = "Command line tool for transferring files with URL syntax";
    homepage = "https://curl.se/"; license = licenses.curl;
    outputs = [ "bin" "dev" "out" "man" ];
    programs = [ "curl" ]; libraries = [ "curl" ]; size = 48; needs = [ "glibc" "openssl" "zlib" ];
  };
  delta = {
    version = "0.18.2";
    description = "Syntax-highlighting pager for git";
    homepage = "https://github.com/dandavison/delta"; license = mit; size = 48; needs = [ "glibc" ];
  };
  direnv = {
    version = "2.37.1";
    description = "Shell extension that manages your environment";
    homepage = "https://direnv.net"; license = mit; size = 32;
  };
  eza = {
    version = "0.23.3";
    description = "Modern, maintained replacement for ls";
    homepage = "https://github.com/eza-community/eza"; license = eupl12; size = 24;
    needs = [ "glibc" ];
  };
  fastfetch = {
    version = "2.53.0";
    description = "Actively maintained, feature-rich and performance oriented, neofetch like system information tool";
    homepage = "https://github.com/fastfetch-cli/fastfetch"; license = mit;
    programs = [ "fastfetch" "flashfetch" ]; size = 16;
  };
  fd = {
    version = "10.3.0";
    description = "Simple, fast and user-friendly alternative to find";
    homepage = "https://github.com/sharkdp/fd"; license = mit; size = 24; needs = [ "glibc" ];
  };
  figlet = {
    version = "2.2.5";
    description = "Program for making large letters out of ordinary text";
    homepage = "http://www.figlet.org/"; license = bsd3;
  };
  file = {
    version = "5.45";
    description = "Program that shows the type of files";
    homepage = "https://darwinsys.com/file"; license = bsd2; size = 56; needs = [ "glibc" "zlib" ];
  };
  fish = {
    version = "4.0.8";
    description = "Smart and user-friendly command line shell";
    homepage = "https://fishshell.com/"; license = gpl2Only;
    programs = [ "fish" "fish_indent" ]; size = 96; needs = [ "glibc" "ncurses" ];
    passthru.shellPath = "/bin/fish";
  };
  fzf = {
    version = "0.65.2";
    description = "Command-line fuzzy finder written in Go";
    homepage = "https://github.com/junegunn/fzf"; license = mit; size = 24;
  };
  gh = {
    version = "2.80.0";
    description = "GitHub CLI tool";
    homepage = "https://cli.github.com/"; license = mit; size = 72;
  };
  git = {
    version = "2.51.0";
    description = "Distributed version control system";
    homepage = "https://git-scm.com/"; license = gpl2Only;
    programs = [ "git" ]; host = "/usr/bin/git"; size = 144;
    outputs = [ "out" "doc" ]; needs = [ "glibc" "curl" "openssl" "zlib" ];
  };
  gnupg = {
    version = "2.4.8";
    description = "Modern release of the GNU Privacy Guard, a GPL OpenPGP implementation";
    homepage = "https://gnupg.org"; license = gpl3Plus;
    programs = [ "gpg" "gpg-agent" "gpgconf" ]; size = 64;
    needs = [ "glibc" "readline" "sqlite" "zlib" ];
  };
  helix = {
    version = "25.07.1";
    description = "Post-modern modal text editor";
    homepage = "https://helix-editor.com"; license = mpl20;
    programs = [ "hx" ]; size = 160; needs = [ "glibc" ]; prebuilt = false;
  };
  htop = {
    version = "3.4.1";
    description = "Interactive process viewer";
    homepage = "https://htop.dev"; license = gpl2Only; size = 12; needs = [ "glibc" "ncurses" ];
  };
  imagemagick = {
    version = "7.1.2-3";
    description = "Software suite to create, edit, compose, or convert bitmap images";
    homepage = "http://www.imagemagick.org/"; license = asl20;
    programs = [ "magick" "convert" "identify" ]; size = 96;
    needs = [ "glibc" "libpng" "libjpeg" "zlib" ];
  };
  jq = {
    version = "1.8.1";
    description = "Lightweight and flexible command-line JSON processor";
    homepage = "https://jqlang.github.io/jq/"; license = mit;
    outputs = [ "bin" "man" "dev" "out" ];
    programs = [ "jq" ]; libraries = [ "jq" ];
  };
  lazygit = {
    version = "0.55.1";
    description = "Simple terminal UI for git commands";
    homepage = "https://github.com/jesseduffield/lazygit"; license = mit; size = 40;
    needs = [ "git" ]; prebuilt = false;
  };
  lolcat = {
    version = "100.0.1";
    description = "Rainbow version of cat";
    homepage = "https://github.com/busyloop/lolcat"; license = bsd3;
  };
  micro = {
    version = "2.0.14";
    description = "Modern and intuitive terminal-based text editor";
    homepage = "https://micro-editor.github.io"; license = mit; size = 24;
  };
  nano = {
    version = "8.6";
    description = "Small, user-friendly console text editor";
    homepage = "https://www.nano-editor.org/"; license = gpl3Plus;
    programs = [ "nano" "rnano" ]; size = 16; needs = [ "glibc" "ncurses" ];
  };
  neovim = {
    version = "0.11.4";
    description = "Vim text editor fork focused on extensibility and agility";
    homepage = "https://www.neovim.io"; license = asl20;
    programs = [ "nvim" ]; size = 112; needs = [ "glibc" "tree-sitter" ];
  };
  nh = {
    version = "4.2.0";
    description = "Yet another nix cli helper";
    homepage = "https://github.com/nix-community/nh"; license = licenses.mit; size = 16;
  };
  nix-output-monitor = {
    version = "2.1.6";
    description = "Processes output of Nix commands to show helpful and pretty information";
    homepage = "https://code.maralorn.de/maralorn/nix-output-monitor"; license = agpl3Only;
    programs = [ "nom" ]; size = 32;
  };
  nixfmt = {
    version = "1.1.0";
    description = "Official formatter for Nix code";
    homepage = "https://github.com/NixOS/nixfmt"; license = mpl20; size = 16;
  };
  nmap = {
    version = "7.98";
    description = "Free and open source utility for network discovery and security auditing";
    homepage = "http://www.nmap.org"; license = gpl2Only;
    programs = [ "nmap" "ncat" ]; size = 64; needs = [ "glibc" "openssl" ];
  };
  nvd = {
    version = "0.2.4";
    description = "Nix/NixOS package version diff tool";
    homepage = "https://khumba.net/projects/nvd"; license = asl20; needs = [ "python3" ];
  };
  openssh = {
    version = "10.0p2";
    description = "Implementation of the SSH protocol";
    homepage = "https://www.openssh.com/"; license = bsd2;
    programs = [ "ssh" "sshd" "scp" "ssh-keygen" ]; size = 72; needs = [ "glibc" "openssl" "zlib" ];
  };
  p7zip = {
    version = "17.06";
    description = "New p7zip fork with additional codecs and improvements";
    homepage = "https://github.com/p7zip-project/p7zip"; license = lgpl2Plus;
    programs = [ "7z" "7za" ]; size = 40; needs = [ "glibc" ];
  };
  pandoc = {
    version = "3.6";
    description = "Conversion between documentation formats";
    homepage = "https://pandoc.org"; license = gpl2Plus; size = 320; needs = [ "glibc" ];
    prebuilt = false;
  };
  pass = {
    version = "1.7.4";
    description = "Stores, retrieves, generates, and synchronizes passwords securely";
    homepage = "https://www.passwordstore.org/"; license = gpl2Plus; needs = [ "gnupg" "tree" ];
  };
  restic = {
    version = "0.18.0";
    description = "Backup program that is fast, efficient and secure";
    homepage = "https://restic.net"; license = bsd2; size = 48;
  };
  ripgrep = {
    version = "14.1.1";
    description = "Utility that combines the usability of The Silver Searcher with the raw speed of grep";
    homepage = "https://github.com/BurntSushi/ripgrep"; license = mit;
    programs = [ "rg" ]; size = 40; needs = [ "glibc" ];
  };
  rsync = {
    version = "3.4.1";
    description = "Fast incremental file transfer utility";
    homepage = "https://rsync.samba.org/"; license = gpl3Plus; size = 32;
    needs = [ "glibc" "zlib" ];
  };
  silver-searcher = {
    version = "2.2.0";
    description = "Code-searching tool similar to ack, but faster";
    homepage = "https://github.com/ggreer/the_silver_searcher/"; license = asl20;
    programs = [ "ag" ]; size = 12; needs = [ "glibc" "zlib" ];
  };
  sl = {
    version = "5.05";
    description = "Steam Locomotive runs across your terminal when you type 'sl'";
    homepage = "http://www.tkl.iis.u-tokyo.ac.jp/~toyoda/index_e.html"; license = licenses.mit;
    says = "choo choo"; needs = [ "ncurses" ];
  };
  starship = {
    version = "1.23.0";
    description = "Minimal, blazing fast, and extremely customizable prompt for any shell";
    homepage = "https://starship.rs"; license = isc; size = 56;
  };
  tmux = {
    version = "3.5a";
    description = "Terminal multiplexer";
    homepage = "https://tmux.github.io/"; license = bsd3;
    outputs = [ "out" "man" ]; size = 24; needs = [ "glibc" "ncurses" ];
  };
  tree = {
    version = "2.2.1";
    description = "Command to produce a depth indented directory listing";
    homepage = "https://oldmanprogrammer.net/source.php?dir=projects/tree"; license = gpl2Plus;
  };
  unzip = {
    version = "6.0";
    description = "Extraction utility for archives compressed in .zip format";
    homepage = "http://www.info-zip.org"; license = infozip;
    programs = [ "unzip" "zipinfo" ];
  };
  vim = {
    version = "9.1.1623";
    description = "Most popular clone of the VI editor";
    homepage = "https://www.vim.org"; license = licenses.vim;
    programs = [ "vim" "vi" "vimdiff" "xxd" ]; mainProgram = "vim"; size = 120;
    needs = [ "glibc" "ncurses" ];
  };
  wget = {
    version = "1.25.0";
    description = "Tool for retrieving files using HTTP, HTTPS, and FTP";
    homepage = "https://www.gnu.org/software/wget/"; license = gpl3Plus; size = 20;
    needs = [ "glibc" "openssl" "zlib" ];
  };
  yt-dlp = {
    version = "2025.09.23";
    description = "Command-line tool to download videos from YouTube.com and other sites";
    homepage = "https://github.com/yt-dlp/yt-dlp/"; license = unlicense; size = 48;
    needs = [ "python3" "ffmpeg" ];
  };
  zip = {
    version = "3.0";
    description = "Compressor/archiver for creating and modifying zipfiles";
    homepage = "http://www.info-zip.org"; license = bsdOriginal;
  };
  zoxide = {
    version = "0.9.8";
    description = "Fast cd command that learns your habits";
    homepage = "https://github.com/ajeetdsouza/zoxide"; license = mit;
  };
  zsh = {
    version = "5.9";
    description = "Z shell";
    homepage = "https://www.zsh.org/"; license = mit; size = 64; needs = [ "glibc" "ncurses" ];
    passthru.shellPath = "/bin/zsh";
  };
}
