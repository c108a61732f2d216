"""`merge`: several converted sets to one."""
