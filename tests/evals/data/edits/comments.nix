/* environment.systemPackages = [ pkgs.emacs ];
   services.openssh.enable = false; */
{ pkgs /* the set */ , ... }: # { evil = true; }

{ # opening
  /* before */ environment.systemPackages /* mid */ = /* the list: */ with pkgs; [ # first
    # emacs
    nano /* small */ # and simple
    /* pkgs.htop */
    less # emacs is not here
    # end of the list ]
  ] /* closed */ ; # done

  services.openssh /* ssh */ . enable = true /* yes */;
  #services.openssh.enable = false;
  networking.hostName = # on its own line
    "com#ment" # not this: "x"
  ; # }
}
# environment.systemPackages = [ emacs ];
