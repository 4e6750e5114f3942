"""Real places of the USA with the area codes people there have. Facts: cities, counties, ZIPs and codes are public."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A part of a city.

    Attributes:
        city: its name.
        state: two letters.
        county: without the word County.
        zips: ZIP codes there.
        codes: area codes in use there.
        latitude, longitude: somewhere in the middle.
    """

    city: str
    state: str
    county: str
    zips: tuple[str, ...]
    codes: tuple[str, ...]
    latitude: float
    longitude: float


def _place(line: str) -> Place:
    city, state, county, zips, codes, latitude, longitude = line.split("|")
    return Place(city, state, county, tuple(zips.split()), tuple(codes.split()), float(latitude), float(longitude))


PLACES: tuple[Place, ...] = tuple(
    _place(line)
    for line in """\
Dallas|TX|Dallas|75216 75217 75228|214 469 972|32.72|-96.76
Fort Worth|TX|Tarrant|76112 76105|817 682|32.74|-97.24
Houston|TX|Harris|77021 77084 77033|713 281 832|29.70|-95.36
San Antonio|TX|Bexar|78207 78228|210 726|29.44|-98.53
Austin|TX|Travis|78744 78724|512 737|30.19|-97.74
El Paso|TX|El Paso|79924|915|31.90|-106.41
Corpus Christi|TX|Nueces|78415|361|27.73|-97.41
Lubbock|TX|Lubbock|79412|806|33.55|-101.86
Jacksonville|FL|Duval|32208 32209|904|30.39|-81.69
Tampa|FL|Hillsborough|33610 33604|813|28.00|-82.40
Orlando|FL|Orange|32808 32805|407 689|28.58|-81.44
Miami|FL|Miami-Dade|33147 33142|305 786|25.85|-80.24
Saint Petersburg|FL|Pinellas|33711 33712|727|27.73|-82.69
Fort Lauderdale|FL|Broward|33311|954 754|26.14|-80.17
Atlanta|GA|Fulton|30310 30315|404 470 678|33.73|-84.42
Augusta|GA|Richmond|30906|706 762|33.36|-82.01
Savannah|GA|Chatham|31404|912|32.05|-81.05
Macon|GA|Bibb|31204|478|32.87|-83.68
Charlotte|NC|Mecklenburg|28208 28216|704 980|35.23|-80.90
Raleigh|NC|Wake|27610|919 984|35.77|-78.59
Greensboro|NC|Guilford|27405|336 743|36.12|-79.78
Memphis|TN|Shelby|38109 38127|901|35.04|-90.09
Nashville|TN|Davidson|37211|615 629|36.07|-86.72
Knoxville|TN|Knox|37917|865|36.00|-83.92
Chattanooga|TN|Hamilton|37411|423|35.03|-85.23
Cleveland|OH|Cuyahoga|44105 44108|216|41.45|-81.63
Columbus|OH|Franklin|43207 43211|614 380|39.90|-82.96
Cincinnati|OH|Hamilton|45237|513|39.19|-84.45
Akron|OH|Summit|44306|330 234|41.04|-81.49
Toledo|OH|Lucas|43605|419 567|41.65|-83.51
Dayton|OH|Montgomery|45417|937|39.75|-84.25
Detroit|MI|Wayne|48228 48205|313|42.36|-83.22
Grand Rapids|MI|Kent|49507|616|42.93|-85.65
Flint|MI|Genesee|48504|810|43.04|-83.73
Warren|MI|Macomb|48089|586|42.47|-83.00
Saint Louis|MO|St. Louis City|63115 63118|314|38.68|-90.24
Kansas City|MO|Jackson|64130|816|39.03|-94.55
Springfield|MO|Greene|65802|417|37.21|-93.34
Indianapolis|IN|Marion|46218 46203|317 463|39.81|-86.10
Fort Wayne|IN|Allen|46806|260|41.05|-85.12
Gary|IN|Lake|46404|219|41.59|-87.37
Evansville|IN|Vanderburgh|47714|812 930|37.96|-87.53
Birmingham|AL|Jefferson|35211|205|33.48|-86.86
Mobile|AL|Mobile|36605|251|30.64|-88.09
Montgomery|AL|Montgomery|36108|334|32.34|-86.35
Phoenix|AZ|Maricopa|85041 85033|602 480 623|33.39|-112.10
Tucson|AZ|Pima|85713|520|32.19|-110.97
Philadelphia|PA|Philadelphia|19143 19132|215 267|39.94|-75.23
Pittsburgh|PA|Allegheny|15210|412 878|40.41|-79.98
Chicago|IL|Cook|60628 60620|773 312 872|41.69|-87.62
Rockford|IL|Winnebago|61104|815 779|42.25|-89.08
Peoria|IL|Peoria|61604|309|40.71|-89.63
Louisville|KY|Jefferson|40211|502|38.24|-85.81
Lexington|KY|Fayette|40505|859|38.06|-84.46
Columbia|SC|Richland|29203|803|34.06|-81.03
Greenville|SC|Greenville|29611|864|34.85|-82.45
North Charleston|SC|Charleston|29405|843 854|32.85|-79.99
Oklahoma City|OK|Oklahoma|73111|405|35.50|-97.48
Tulsa|OK|Tulsa|74106|918 539|36.19|-95.99
Albuquerque|NM|Bernalillo|87105|505|35.04|-106.69
Aurora|CO|Adams|80011|303 720|39.74|-104.79
Las Vegas|NV|Clark|89110|702 725|36.17|-115.07
Tacoma|WA|Pierce|98404|253|47.21|-122.41
Baltimore|MD|Baltimore City|21215|410 443|39.34|-76.68
Newark|NJ|Essex|07112|973 862|40.71|-74.21
""".splitlines()
)
"""Where the demonstration's properties stand."""
