# Programs that serve.
{ licenses }:
with licenses;
{
  bluez = {
    version = "5.83";
    description = "Official Linux Bluetooth protocol stack";
    homepage = "https://www.bluez.org/"; license = gpl2Plus;
    programs = [ "bluetoothctl" "bluetoothd" ];
    outputs = [ "out" "dev" ]; size = 48; needs = [ "glib" "dbus" "readline" ];
  };
  caddy = {
    version = "2.10.2";
    description = "Fast and extensible multi-platform HTTP/1-2-3 web server with automatic HTTPS";
    homepage = "https://caddyserver.com"; license = asl20; size = 80;
  };
  cups = {
    version = "2.4.12";
    description = "Standards-based printing system for UNIX";
    homepage = "https://openprinting.github.io/cups/"; license = asl20;
    programs = [ "lp" "lpstat" "cupsd" ]; libraries = [ "cups" ];
    outputs = [ "out" "lib" "dev" "man" ]; size = 56; needs = [ "glibc" "zlib" "openssl" ];
  };
  docker = {
    version = "28.4.0";
    description = "Open source project to pack, ship and run any application as a lightweight container";
    homepage = "https://www.docker.com/"; license = asl20;
    programs = [ "docker" "dockerd" ]; size = 160; needs = [ "sqlite" ];
  };
  flatpak = {
    version = "1.16.1";
    description = "Linux application sandboxing and distribution framework";
    homepage = "https://flatpak.org/"; license = lgpl21Plus; size = 40;
    needs = [ "glib" "gnupg" "curl" ];
  };
  grafana = {
    version = "12.0.4";
    description = "Gorgeous metric viz, dashboards & editors for Graphite, InfluxDB & OpenTSDB";
    homepage = "https://grafana.com"; license = agpl3Only;
    programs = [ "grafana" "grafana-server" ]; size = 240; prebuilt = false;
  };
  jellyfin = {
    version = "10.10.7";
    description = "Free Software Media System";
    homepage = "https://jellyfin.org/"; license = gpl2Plus; size = 120;
    needs = [ "ffmpeg" "sqlite" ]; prebuilt = false;
  };
  mariadb = {
    version = "10.11.14";
    description = "Enhanced, drop-in replacement for MySQL";
    homepage = "https://mariadb.org/"; license = gpl2Only;
    programs = [ "mariadb" "mariadbd" ]; size = 160; needs = [ "glibc" "openssl" "ncurses" "zlib" ];
  };
  nginx = {
    version = "1.28.0";
    description = "Reverse proxy and lightweight webserver";
    homepage = "http://nginx.org"; license = bsd2;
    outputs = [ "out" "doc" ]; size = 24; needs = [ "glibc" "openssl" "zlib" ];
  };
  podman = {
    version = "5.6.1";
    description = "Program for managing pods, containers and container images";
    homepage = "https://podman.io/"; license = asl20;
    outputs = [ "out" "man" ]; size = 120; needs = [ "sqlite" ];
  };
  postgresql = {
    version = "17.6";
    description = "Powerful, open source object-relational database system";
    homepage = "https://www.postgresql.org"; license = licenses.postgresql;
    programs = [ "psql" "postgres" "pg_dump" ];
    outputs = [ "out" "dev" "doc" "lib" "man" ]; size = 110;
    needs = [ "glibc" "openssl" "readline" "zlib" ];
  };
  redis = {
    version = "8.0.3";
    description = "Open source, advanced key-value store";
    homepage = "https://redis.io"; license = agpl3Only;
    programs = [ "redis-server" "redis-cli" ]; size = 40; needs = [ "glibc" "openssl" ];
  };
  tailscale = {
    version = "1.86.5";
    description = "Node agent for Tailscale, a mesh VPN built on WireGuard";
    homepage = "https://tailscale.com"; license = bsd3;
    programs = [ "tailscale" "tailscaled" ]; size = 72;
  };
}
