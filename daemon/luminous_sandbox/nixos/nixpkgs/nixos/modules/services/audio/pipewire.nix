# Sound with PipeWire; PulseAudio's own switch has gone.
{ config, lib, ... }:
let
  cfg = config.services.pipewire;
in
{
  imports = [
    (lib.mkRemovedOptionModule [ "sound" "enable" ] ''
      The option was heavily overloaded and can be removed from most configurations.
    '')
    (lib.mkRenamedOptionModule [ "hardware" "pulseaudio" "enable" ] [ "services" "pulseaudio" "enable" ])
  ];
  options.services.pipewire = {
    enable = lib.mkEnableOption "PipeWire service";
    alsa.enable = lib.mkEnableOption "ALSA support";
    pulse.enable = lib.mkEnableOption "PulseAudio server emulation";
    jack.enable = lib.mkEnableOption "JACK audio emulation";
  };
  options.services.pulseaudio.enable = lib.mkOption {
    type = lib.types.bool;
    default = false;
    description = "Whether to enable the PulseAudio sound server.";
  };
  config = {
    assertions = [
      {
        assertion = !(cfg.pulse.enable && config.services.pulseaudio.enable);
        message = ''
          PipeWire based PulseAudio server emulation replaces PulseAudio.
          This option requires `services.pulseaudio.enable` to be set to false.
        '';
      }
    ];
    systemd.sockets.pipewire = lib.mkIf cfg.enable {
      description = "PipeWire Multimedia System Sockets";
      wantedBy = [ "sockets.target" ];
      listenStreams = [ "/run/pipewire/pipewire-0" ];
    };
  };
}
