# Licences, by the names packages use.
let
  free = shortName: spdxId: fullName: {
    inherit shortName spdxId fullName;
    free = true;
    redistributable = true;
    deprecated = false;
    url = "https://spdx.org/licenses/${spdxId}.html";
  };
  unfree = shortName: fullName: redistributable: {
    inherit shortName fullName redistributable;
    free = false;
    deprecated = false;
  };
in
{
  agpl3Only = free "agpl3Only" "AGPL-3.0-only" "GNU Affero General Public License v3.0 only";
  artistic2 = free "artistic2" "Artistic-2.0" "Artistic License 2.0";
  asl20 = free "asl20" "Apache-2.0" "Apache License 2.0";
  bsd0 = free "bsd0" "0BSD" "BSD Zero Clause License";
  bsd2 = free "bsd2" "BSD-2-Clause" "BSD 2-clause \"Simplified\" License";
  bsd3 = free "bsd3" "BSD-3-Clause" "BSD 3-clause \"New\" or \"Revised\" License";
  bsdOriginal = free "bsdOriginal" "BSD-4-Clause" "BSD 4-clause \"Original\" or \"Old\" License";
  curl = free "curl" "curl" "curl License";
  eupl12 = free "eupl12" "EUPL-1.2" "European Union Public License 1.2";
  gpl2 = free "gpl2" "GPL-2.0" "GNU General Public License v2.0";
  gpl2Only = free "gpl2Only" "GPL-2.0-only" "GNU General Public License v2.0 only";
  gpl2Plus = free "gpl2Plus" "GPL-2.0-or-later" "GNU General Public License v2.0 or later";
  gpl3 = free "gpl3" "GPL-3.0" "GNU General Public License v3.0";
  gpl3Only = free "gpl3Only" "GPL-3.0-only" "GNU General Public License v3.0 only";
  gpl3Plus = free "gpl3Plus" "GPL-3.0-or-later" "GNU General Public License v3.0 or later";
  isc = free "isc" "ISC" "ISC License";
  lgpl2Plus = free "lgpl2Plus" "LGPL-2.0-or-later" "GNU Library General Public License v2 or later";
  lgpl21Plus = free "lgpl21Plus" "LGPL-2.1-or-later" "GNU Lesser General Public License v2.1 or later";
  lgpl3Plus = free "lgpl3Plus" "LGPL-3.0-or-later" "GNU Lesser General Public License v3.0 or later";
  mit = free "mit" "MIT" "MIT License";
  mpl20 = free "mpl20" "MPL-2.0" "Mozilla Public License 2.0";
  openssl = free "openssl" "OpenSSL" "OpenSSL License";
  postgresql = free "postgresql" "PostgreSQL" "PostgreSQL License";
  psfl = free "psfl" "Python-2.0" "Python Software Foundation License version 2";
  publicDomain = {
    shortName = "publicDomain";
    fullName = "Public Domain";
    free = true;
    redistributable = true;
    deprecated = false;
  };
  unlicense = free "unlicense" "Unlicense" "The Unlicense";
  vim = free "vim" "Vim" "Vim License";
  infozip = free "info-zip" "Info-ZIP" "Info-ZIP License";
  zlib = free "zlib" "Zlib" "zlib License";
  bsl11 = unfree "bsl11" "Business Source License 1.1" true;
  unfree = unfree "unfree" "Unfree" false;
  unfreeRedistributable = unfree "unfreeRedistributable" "Unfree redistributable" true;
  unfreeRedistributableFirmware = unfree "unfreeRedistributableFirmware" "Unfree redistributable firmware" true;
}
