{ config, pkgs, ... }:
{
	environment.systemPackages = with pkgs; [
		git
		make	# tab
	];

	services.openssh = {
		enable	= true;
		ports	= [ 22 ];
	};

	users.users.root.hashedPassword = "!";
}
