"""What the programs of a ``fakekit exec`` load: a folder of files, not of modules of fakekit's own."""
