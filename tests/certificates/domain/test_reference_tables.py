"""The tables that come with the registry."""

from certificates.domain.reference_tables import factors, zones


def test_great_britain_was_one_zone_all_along():
    (zone,) = [zone for zone in zones() if zone.country == "GB"]
    assert (zone.code, zone.timezone, zone.valid_to) == (
        "10YGB----------A",
        "Europe/London",
        None,
    )


def test_germany_has_one_zone_at_any_time():
    old, new = sorted(
        (zone for zone in zones() if zone.country == "DE"), key=lambda zone: zone.valid_from
    )
    assert old.valid_to == new.valid_from


def test_onshore_wind_emits_eleven_grams_per_kwh():
    found = {(f.technology_code, f.energy_source_code): f.emissions_ug_per_wh for f in factors()}
    assert found["T020001", "F01050100"] == 11_000
    assert found["T050100", "F02030100"] == 490_000
