"""Common names, for replies in lower case that deny one. Data."""

from __future__ import annotations

# fmt: off
NAMES = frozenset(
    {
        "aaron", "abigail", "adam", "alan", "albert", "alberto", "alexander", "alexis", "alfredo", "alice",
        "amanda", "amber", "amy", "ana", "anderson", "andrea", "andrew", "angela", "ann", "anna", "anthony",
        "antonio", "armando", "arthur", "ashley", "austin", "barbara", "ben", "benjamin", "betty", "beverly",
        "bill", "billy", "bob", "bobby", "bradley", "brandon", "brenda", "brian", "brittany", "brown", "bruce",
        "bryan", "carl", "carlos", "carmen", "carol", "carolyn", "catherine", "charles", "charlotte", "cheryl",
        "chris", "christian", "christina", "christine", "christopher", "cynthia", "dan", "daniel", "danielle",
        "darnell", "dave", "david", "davis", "deborah", "debra", "denise", "dennis", "diana", "diane", "don",
        "donald", "donna", "doris", "dorothy", "douglas", "dylan", "earl", "eduardo", "edward", "elizabeth",
        "emily", "emma", "eric", "ernesto", "ethan", "eugene", "evelyn", "fernando", "frances", "francisco",
        "frank", "fred", "gabriel", "garcia", "gary", "george", "gerald", "gloria", "gonzalez", "grace", "greg",
        "gregory", "guadalupe", "hannah", "harold", "harris", "heather", "hector", "helen", "henry",
        "hernandez", "isabella", "jack", "jackson", "jacob", "jacqueline", "jamal", "james", "janet", "janice",
        "jason", "javier", "jean", "jeff", "jeffrey", "jennifer", "jeremy", "jerry", "jesse", "jessica",
        "jesus", "jim", "joan", "joe", "john", "johnny", "johnson", "jonathan", "jones", "jordan", "jorge",
        "jose", "joseph", "joshua", "joyce", "juan", "juana", "judith", "judy", "julia", "julie", "justin",
        "karen", "katherine", "kathleen", "kathryn", "kayla", "keisha", "keith", "kelly", "ken", "kenneth",
        "kevin", "kimberly", "kyle", "larry", "latoya", "laura", "lauren", "lawrence", "lee", "leroy", "linda",
        "lisa", "logan", "lopez", "lori", "louis", "luis", "lupe", "madison", "manuel", "margaret", "maria",
        "marilyn", "mario", "mark", "martha", "martin", "martinez", "mary", "matt", "matthew", "megan",
        "melissa", "michael", "michelle", "miguel", "mike", "miller", "miss", "moore", "mr", "mrs", "ms",
        "nancy", "natalie", "nathan", "nicholas", "nicole", "noah", "olivia", "oscar", "pamela", "patricia",
        "patrick", "paul", "pedro", "peter", "philip", "rachel", "ralph", "ramon", "randy", "raul", "raymond",
        "rebecca", "ricardo", "richard", "rick", "robert", "roberto", "rodriguez", "roger", "ron", "ronald",
        "rosa", "roy", "ruben", "russell", "ruth", "ryan", "sam", "samantha", "samuel", "sandra", "sara",
        "sarah", "scott", "sean", "sergio", "sharon", "shirley", "smith", "sophia", "stephanie", "stephen",
        "steve", "steven", "susan", "taylor", "teresa", "terry", "theresa", "thomas", "thompson", "tiffany",
        "tim", "timothy", "tom", "tony", "tyler", "tyrone", "victoria", "vincent", "virginia", "walter",
        "wayne", "william", "williams", "willie", "wilson", "zachary",
    }
)
# fmt: on
"""Of the USA: Social Security Administration and Census Bureau, public domain; and titles."""
