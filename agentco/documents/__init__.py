"""Values of the desk as JSON documents (appendix C): keys are only ever added."""
