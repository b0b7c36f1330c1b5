# Libraries, so that closures have something to share.
{ licenses }:
with licenses;
{
  cairo = {
    version = "1.18.4";
    description = "2D graphics library with support for multiple output devices";
    homepage = "http://cairographics.org/"; license = mpl20; libraries = [ "cairo" ];
    outputs = [ "out" "dev" ]; size = 24; needs = [ "glibc" "libpng" "zlib" ];
  };
  ffmpeg = {
    version = "7.1.1";
    description = "Complete, cross-platform solution to record, convert and stream audio and video";
    homepage = "https://www.ffmpeg.org/"; license = gpl3Plus;
    programs = [ "ffmpeg" "ffprobe" "ffplay" ]; libraries = [ "avcodec" "avformat" ];
    outputs = [ "bin" "lib" "dev" "man" "out" ]; size = 120; needs = [ "glibc" "openssl" "zlib" ];
  };
  gdk-pixbuf = {
    version = "2.42.12";
    description = "Library for image loading and manipulation";
    homepage = "https://gitlab.gnome.org/GNOME/gdk-pixbuf"; license = lgpl21Plus;
    libraries = [ "gdk_pixbuf-2.0" ]; size = 16; needs = [ "glib" "libpng" "libjpeg" ];
  };
  glib = {
    version = "2.84.4";
    description = "C library of programming buildings blocks";
    homepage = "https://gitlab.gnome.org/GNOME/glib"; license = lgpl21Plus;
    libraries = [ "glib-2.0" "gobject-2.0" "gio-2.0" ];
    outputs = [ "out" "dev" ]; size = 48; needs = [ "glibc" "zlib" ];
  };
  glibc = {
    version = "2.40-66";
    description = "GNU C Library";
    homepage = "https://www.gnu.org/software/libc/"; license = lgpl2Plus;
    programs = [ "ldd" "getent" "locale" ]; libraries = [ "c" "m" "pthread" ];
    outputs = [ "out" "bin" "dev" ]; size = 96;
  };
  gtk3 = {
    pname = "gtk+3"; version = "3.24.50";
    description = "Multi-platform toolkit for creating graphical user interfaces";
    homepage = "https://www.gtk.org/"; license = lgpl2Plus; libraries = [ "gtk-3" "gdk-3" ];
    outputs = [ "out" "dev" ]; size = 80;
    needs = [ "cairo" "gdk-pixbuf" "glib" "libxkbcommon" "pango" ];
  };
  gtk4 = {
    version = "4.18.6";
    description = "Multi-platform toolkit for creating graphical user interfaces";
    homepage = "https://www.gtk.org/"; license = lgpl2Plus; libraries = [ "gtk-4" ];
    outputs = [ "out" "dev" ]; size = 96;
    needs = [ "cairo" "gdk-pixbuf" "glib" "libxkbcommon" "pango" ];
  };
  libjpeg = {
    pname = "libjpeg-turbo"; version = "3.1.1";
    description = "Faster (using SIMD) libjpeg implementation";
    homepage = "https://libjpeg-turbo.org/"; license = bsd3; libraries = [ "jpeg" ]; size = 16;
    needs = [ "glibc" ];
  };
  libpng = {
    pname = "libpng-apng"; version = "1.6.50";
    description = "Official reference implementation for the PNG file format with animation patch";
    homepage = "http://www.libpng.org/pub/png/libpng.html"; license = licenses.zlib;
    libraries = [ "png16" ];
    outputs = [ "out" "dev" ]; size = 12; needs = [ "zlib" ];
  };
  libxkbcommon = {
    version = "1.11.0";
    description = "Library to handle keyboard descriptions";
    homepage = "https://xkbcommon.org"; license = mit; libraries = [ "xkbcommon" ]; size = 12;
    needs = [ "glibc" ];
  };
  ncurses = {
    version = "6.5";
    description = "Free software emulation of curses in SVR4 and more";
    homepage = "https://www.gnu.org/software/ncurses/"; license = mit;
    programs = [ "tput" "clear" "infocmp" ]; libraries = [ "ncursesw" ];
    outputs = [ "out" "dev" "man" ]; size = 32; needs = [ "glibc" ];
  };
  nss = {
    version = "3.112.1";
    description = "Set of libraries for development of security-enabled client and server applications";
    homepage = "https://firefox-source-docs.mozilla.org/security/nss/index.html"; license = mpl20;
    libraries = [ "nss3" "ssl3" ]; size = 40; needs = [ "glibc" "sqlite" "zlib" ];
  };
  openssl = {
    version = "3.5.1";
    description = "Cryptographic library that implements the SSL and TLS protocols";
    homepage = "https://www.openssl.org/"; license = asl20;
    programs = [ "openssl" ]; libraries = [ "ssl" "crypto" ];
    outputs = [ "bin" "dev" "out" "man" ]; size = 72; needs = [ "glibc" ];
  };
  openssl_1_1 = {
    pname = "openssl";
    version = "1.1.1w";
    description = "Cryptographic library that implements the SSL and TLS protocols";
    homepage = "https://www.openssl.org/";
    license = licenses.openssl;
    programs = [ "openssl" ];
    libraries = [ "ssl" "crypto" ];
    outputs = [ "bin" "dev" "out" "man" ];
    size = 64;
    needs = [ "glibc" ];
    vulnerabilities = [
      "OpenSSL 1.1 is reaching its end of life on 2023/09/11 and cannot be supported through the NixOS 23.11 release cycle. https://blog.openssl.org/eol/"
    ];
  };
  pango = {
    version = "1.56.3";
    description = "Library for laying out and rendering of text, with an emphasis on internationalization";
    homepage = "https://www.pango.org/"; license = lgpl2Plus; libraries = [ "pango-1.0" ];
    outputs = [ "out" "dev" ]; size = 20; needs = [ "cairo" "glib" ];
  };
  readline = {
    version = "8.3p1";
    description = "Library for interactive line editing";
    homepage = "https://savannah.gnu.org/projects/readline/"; license = gpl3Plus;
    libraries = [ "readline" "history" ]; size = 12; needs = [ "glibc" "ncurses" ];
  };
  sqlite = {
    version = "3.50.2";
    description = "Self-contained, serverless, zero-configuration, transactional SQL database engine";
    homepage = "https://www.sqlite.org/"; license = publicDomain;
    programs = [ "sqlite3" ]; libraries = [ "sqlite3" ];
    outputs = [ "bin" "dev" "out" ]; size = 40; needs = [ "glibc" "readline" "zlib" ];
  };
  tree-sitter = {
    version = "0.25.6";
    description = "Parser generator tool and an incremental parsing library";
    homepage = "https://github.com/tree-sitter/tree-sitter"; license = mit;
    programs = [ "tree-sitter" ]; libraries = [ "tree-sitter" ]; size = 16; needs = [ "glibc" ];
  };
  zlib = {
    version = "1.3.1";
    description = "Lossless data-compression library";
    homepage = "https://zlib.net"; license = licenses.zlib; libraries = [ "z" ];
    outputs = [ "out" "dev" ]; size = 8; needs = [ "glibc" ];
  };
}
