# Debian 12's azure-cli 2.45 reads a key's name with the module azure.keyvault.key_vault_id, which its python3-azure no longer
# has. az itself carries a copy: this lets it find that one. Microsoft's own packages need no such help.
import importlib.abc
import importlib.util
import os
import sys

NAME = 'azure.keyvault.key_vault_id'


class Carried(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != NAME:
            return None
        az = importlib.util.find_spec('azure.cli.command_modules.keyvault').submodule_search_locations[0]
        return importlib.util.spec_from_file_location(NAME, os.path.join(az, 'vendored_sdks', 'azure_keyvault_t1', 'key_vault_id.py'))


sys.meta_path.append(Carried())
