"""What meters, inverters and market portals write, read into one neutral form.

Each reader turns a file into a `Series`: what the file says, column by column, before anybody
decided what it means. `build` then applies the choices (zone, unit, stamp, direction) and
makes the lines that the rules judge.
"""
