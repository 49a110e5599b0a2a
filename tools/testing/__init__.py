"""The test runner behind tools/test: finds every test program, runs them side by side and counts single cases.

A case is what a reader would call one test: a GoogleTest case, a unittest method, a program that only has an exit
status. Whatever should have run and did not (a crash in the middle, a timeout, a set-up that failed) counts as failed.
"""
