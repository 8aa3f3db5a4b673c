"""The gazetteer: places offline. Files of codes and names, mapped into memory and looked up where they lie."""
