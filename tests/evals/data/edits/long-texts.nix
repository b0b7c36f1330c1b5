{ ... }:
{
  users.motd = ''
    Welcome.
      Mind the gap.
  '';
  environment.etc."issue.txt".text = "one\ntwo\n";
  boot.extraModprobeConfig = ''options kvm ''${nested}=1'';
}
