import subprocess
import unittest
from unittest import mock


class TestMocked(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.patch = mock.patch("subprocess.Popen")
        cls.patch.start()

    @classmethod
    def tearDownClass(cls):
        cls.patch.stop()

    def test_1(self):
        import urllib.request

    def test_2(self):
        pass


class TestReplaced(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        def no_children(*args, **kwargs):
            raise AssertionError("no child processes here")

        cls.before, subprocess.Popen = subprocess.Popen, no_children

    @classmethod
    def tearDownClass(cls):
        subprocess.Popen = cls.before

    def test_3(self):
        with self.assertRaises(AssertionError):
            subprocess.run(["true"])
