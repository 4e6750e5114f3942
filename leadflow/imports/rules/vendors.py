"""The files of vendors, counties and courts, each as data: its signature, and which header is which field.

Headers are facts taken from public files; their order is never used. What is listed under ``extra`` is known and kept
beside the property: above all agents, trustees, lenders and newspapers, whose numbers must never become a contact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadflow.imports.rules.fields import CONTACT_PHONES, CONTACTS, IGNORE
from leadflow.imports.rules.headers import normalise, table
from leadflow.imports.types import Layout


def layout(
    name: str, title: str, signature: Sequence[Sequence[str]], fields: dict[str, str], *,
    fixed: Mapping[str, str] | None = None, nominal: int = 0,
) -> Layout:  # fmt: skip
    """Write a layout of which only the signature is always there: vendors let their users choose the columns."""
    marks = tuple(frozenset(map(normalise, one)) for one in signature)
    return Layout(
        name, title, marks, fields, optional=frozenset(fields) - frozenset[str]().union(*marks),
        fixed=dict(fixed or {}), nominal=nominal,
    )  # fmt: skip


def _numbered(thing: str, count: int, parts: Mapping[str, str]) -> tuple[tuple[str, str, int], ...]:
    """Write several columns of each of ``count`` things; ``parts`` are the ends of their headers and of our fields."""
    field = thing.lower().replace(" ", "_")
    return tuple((thing + header, field + ours, count) for header, ours in parts.items())


_PHONES = _numbered("Phone {n}", 5, {"": "", " Type": "_type", " DNC": "_dnc"})
_OWNERS = _numbered("Owner {n}", 2, {" First Name": "_first_name", " Last Name": "_last_name"})

_PROPSTREAM_FACTS = {
    "Property Type": "property_type", "Bedrooms": "bedrooms", "Total Bathrooms": "bathrooms",
    "Building Sqft": "building_sqft", "Lot Size Sqft": "lot_sqft", "Effective Year Built": "year_built",
    "Total Assessed Value": "assessed_value", "Last Sale Recording Date": "last_sale_on",
    "Last Sale Amount": "last_sale_amount", "Est. Remaining balance of Open Loans": "loan_balance",
    "Est. Value": "estimated_value", "Est. Loan-to-Value": "loan_to_value", "Est. Equity": "estimated_equity",
    "Owner Occupied": "owner_occupied", "Litigator": "litigator", "Do Not Mail": "do_not_mail",
    "Marketing Lists": "lists", "Notes": "notes",
}  # fmt: skip

PROPSTREAM = Layout(
    name="propstream_property",
    title="PropStream property export",
    signature=(frozenset({"phone1dnc", "methodofadd"}),),
    fields=table(
        {
            "Address": "street", "Unit #": "unit", "City": "city", "State": "state", "Zip": "zip", "County": "county",
            "APN": "apn", "Mailing Care of Name": "care_of", "Mailing Address": "mailing_street",
            "Mailing Unit #": "mailing_unit", "Mailing City": "mailing_city", "Mailing State": "mailing_state",
            "Mailing Zip": "mailing_zip", "Mailing County": IGNORE, "Latitude": "latitude", "Longitude": "longitude",
            **_PROPSTREAM_FACTS,
        },
        *_PHONES,
        ("Email {n}", "email_{n}", 4),
        *_OWNERS,
        extra=(
            "Skip Traces", "Property Status", "Total Open Loans", "Total Condition", "Interior Condition",
            "Exterior Condition", "Bathroom Condition", "Kitchen Condition", "Foreclosure Factor", "MLS Status",
            "MLS Date", "MLS Amount", "Lien Amount", "Date Added to List", "Method of Add",
        ),
    ),
    optional=frozenset({"latitude", "longitude", "skiptraces"}),
)  # fmt: skip
"""PropStream's property export, columns as of 2026; order uncertain, so never used."""

_MAILING = {
    "Mailing Address": "mailing_street", "Mailing Street": "mailing_street", "Mailing City": "mailing_city",
    "Mailing State": "mailing_state", "Mailing Zip": "mailing_zip",
}  # fmt: skip

PROPSTREAM_CONTACTS = layout(
    "propstream_contacts",
    "PropStream contacts export",
    [["Mail Street Address", "Company Name"]],
    table(
        {
            "First Name": "owner_1_first_name", "Last Name": "owner_1_last_name", "Company Name": "owner_1_name",
            "Street Address": "street", "City": "city", "State": "state", "Zip": "zip",
            "Mail Street Address": "mailing_street", "Mail City": "mailing_city", "Mail State": "mailing_state",
            "Mail Zip": "mailing_zip", "Litigator": "litigator", "Do Not Mail": "do_not_mail",
        },
        *_PHONES,
        ("Email {n}", "email_{n}", 4),
    ),
)  # fmt: skip

BATCHLEADS = layout(
    "batchleads",
    "BatchLeads export",
    [
        ["Batchrank Score Category", "Property Address"],
        ["Pushed to BatchDialer", "Property Address"],
        ["Ltv Current Estimated Combined", "Property Address"],
    ],
    table(
        {
            "First Name": "owner_1_first_name", "Last Name": "owner_1_last_name",
            "Owner 2 First Name": "owner_2_first_name", "Owner 2 Last Name": "owner_2_last_name", **_MAILING,
            "Mailing County": IGNORE, "Property Address": "street", "Property City": "city", "Property State": "state",
            "Property Zip": "zip", "Property County": "county", "Email": "email_1", "Email 2": "email_2",
            "Litigator": "litigator", "Opt-Out": "opt_out", "Apn": "apn", "Property Type Detail": "property_type",
            "Owner Occupied": "owner_occupied", "Bedroom Count": "bedrooms", "Bathroom Count": "bathrooms",
            "Total Building Area Square Feet": "building_sqft", "Lot Size Square Feet": "lot_sqft",
            "Year Built": "year_built", "Total Assessed Value": "assessed_value", "Last Sale Date": "last_sale_on",
            "Last Sale Price": "last_sale_amount", "Total Loan Balance": "loan_balance",
            "Equity Current Estimated Balance": "estimated_equity", "Estimated Value": "estimated_value",
            "Ltv Current Estimated Combined": "loan_to_value", "Tag Names": "tags", "Notes": "notes", "List": "lists",
        },
        *_PHONES,
        extra=(
            "Lead Status", "Office", "Is Vacant", "Is Mailing Vacant", "Contact Obtained", "List Count", "Tag Count",
            "Parcel Count", "Unit Count", "Commercial Unit Count", "Residential Unit Count", "Zoning Code", "ARV",
            "Spread", "% ARV", "Mls Status", "Mls Listing Date", "Mls Listing Amount", "Mls Listing Agent Fullname",
            "Mls Agent Primary Phone", "Mls Agent Email", "Mls Agent Brokerage Name", "Mls Agent Brokerage Phone",
            "Loan Recording Date", "Loan Type", "Loan Amount", "Loan Lender Name", "Loan Due Date", "Loan Est Payment",
            "Loan Est Interest Rate", "Loan Est Balance", "Loan Term (Months)", "Foreclosure Document Type",
            "Foreclosure Status", "Foreclosure Auction Date", "Foreclosure Loan Default Date",
            "Foreclosure Loan Recording Date", "Foreclosure Case Number", "Foreclosure Trustee/Attorney Name",
            "Self Managed", "Pushed to BatchDialer", "Batchrank Score Category", "Created Date", "Updated Date",
        ),
    ),
)  # fmt: skip

DEALMACHINE_PROPERTIES = layout(
    "dealmachine_properties",
    "DealMachine properties",
    [["property_address_full", "owner_1_firstname"]],
    table(
        {
            "property_address_line_1": "street", "property_address_line_2": "unit", "property_address_city": "city",
            "property_address_state": "state", "property_address_zipcode": "zip", "property_address_county": "county",
            "property_lat": "latitude", "property_lng": "longitude", "apn_parcel_id": "apn",
            "owner_1_name": "owner_1_name", "owner_1_firstname": "owner_1_first_name",
            "owner_1_lastname": "owner_1_last_name", "owner_2_name": "owner_2_name",
            "owner_address_full": "mailing_address", "property_type": "property_type", "year_built": "year_built",
            "total_bedrooms": "bedrooms", "total_baths": "bathrooms", "building_square_feet": "building_sqft",
            "estimated_value": "estimated_value", "equity_amount": "estimated_equity",
            "total_loan_balance": "loan_balance", "sale_price": "last_sale_amount", "sale_date": "last_sale_on",
            "tags": "tags", "property_flags": "lists", "recent_note": "notes",
        },
        extra=(
            "property_id", "property_address_full", "owner_location", "is_corporate_owner", "out_of_state_owner",
            "units_count", "equity_percent", "tax_amt", "market_status", "market_sub_status", "lead_id", "lead_status",
            "lead_source", "assigned_to", "date_created", "effective_year_built", "building_condition",
            "building_quality", "total_loan_amt", "total_loan_payment", "estimated_repair_cost",
        ),
    ),
)  # fmt: skip

DEALMACHINE_CONTACTS = layout(
    "dealmachine_contacts",
    "DealMachine contacts",
    [["contact_id", "associated_property_id"]],
    table(
        {
            "associated_property_address_full": "address", "first_name": "contact_1_first_name",
            "last_name": "contact_1_last_name", "contact_flags": "contact_1_role",
            "primary_mailing_address": "mailing_street", "primary_mailing_city": "mailing_city",
            "primary_mailing_state": "mailing_state", "primary_mailing_zip": "mailing_zip",
        },
        ("email_address_{n}", "email_{n}", 3),
        *_numbered("phone_{n}", 3, {"": "", "_type": "_type", "_do_not_call": "_dnc", "_dnc_indicator": "_dnc"}),
        extra=(
            "contact_id", "associated_property_id", "middle_initial", "generational_suffix", "gender",
            "marital_status", "net_asset_value",
            *(
                f"phone_{n}_{part}"
                for n in (1, 2, 3)
                for part in ("carrier", "prepaid_indicator", "activity_status", "usage_2_months", "usage_12_months")
            ),
        ),
    ),
)  # fmt: skip

XLEADS = layout(
    "xleads_wide",
    "XLeads-style wide export",
    [["AddressHash", "Contact1Phone_1"]],
    table(
        {
            "FirstName": "owner_1_first_name", "LastName": "owner_1_last_name", "RecipientAddress": "mailing_street",
            "RecipientCity": "mailing_city", "RecipientState": "mailing_state",
            "RecipientPostalCode": "mailing_zip", "PropertyAddress": "street", "PropertyCity": "city",
            "PropertyState": "state", "PropertyPostalCode": "zip", "County": "county", "LastSalesDate": "last_sale_on",
            "LastSalesPrice": "last_sale_amount", "SquareFootage": "building_sqft", "LotSizeSqFt": "lot_sqft",
            "PropertyType": "property_type", "Beds": "bedrooms", "Baths": "bathrooms", "YearBuilt": "year_built",
            "AVM": "estimated_value", "AssessedTotal": "assessed_value", "LTV": "loan_to_value",
            "EstimatedMortgageBalance": "loan_balance",
        },
        ("Contact{n}Name", "contact_{n}_name", CONTACTS),
        ("Contact{n}Type", "contact_{n}_role", CONTACTS),
        *(
            (f"Contact{{n}}Phone_{m}{theirs}", f"contact_{{n}}_phone_{m}{ours}", CONTACTS)
            for m in range(1, CONTACT_PHONES + 1)
            for theirs, ours in (("", ""), ("_Type", "_type"), ("_DNC", "_dnc"), ("_Litigator", "_litigator"))
        ),
        *(
            (f"Contact{{n}}Email_{m}", f"contact_{{n}}_email_{m}", CONTACTS) for m in range(1, CONTACT_PHONES + 1)
        ),
        extra=(
            "OwnerType", "MarketValue", "WholesaleValue", "RentalEstimateLow", "RentalEstimateHigh", "NumberOfLoans",
            "TotalLoans", "LoanAmount", "LenderName", "MLS_Curr_ListAgentName", "MLS_Curr_ListAgentPhone",
            "MLS_Curr_ListAgentEmail", "AbsenteeOwner", "ActiveListing", "CashBuyer", "DelinquentTaxActivity",
            "FreeAndClear", "HighEquity", "LowEquity", "LongTermOwner", "PotentiallyInherited", "PreForeclosure",
            "UpsideDown", "Vacancy", "ZombieProperty", "RetailScore", "RentalScore", "WholesaleScore", "AuctionDate",
            "LastNoticeDate", "AddressHash", "RecordingDate", "MaturityDate", "MortgageInterestRate", "LoanType",
            *(
                f"Contact{n}Phone_{m}_ActivityScore"
                for n in range(1, CONTACTS + 1)
                for m in range(1, CONTACT_PHONES + 1)
            ),
        ),
    ),
)  # fmt: skip
"""Several resellers share it. A flag of ``0`` is false."""

PROPWIRE = layout(
    "propwire",
    "Propwire export",
    [["Ownership Length (Months)", "Vacant?"]],
    table(
        {
            "Address": "street", "City": "city", "State": "state", "Zip": "zip", "County": "county", "APN": "apn",
            "Living Square Feet": "building_sqft", "Year Built": "year_built", "Lot (Square Feet)": "lot_sqft",
            "Bedrooms": "bedrooms", "Bathrooms": "bathrooms", "Owner Mailing Address": "mailing_street",
            "Owner Mailing City": "mailing_city", "Owner Mailing State": "mailing_state",
            "Owner Mailing Zip": "mailing_zip", "Owner Occupied": "owner_occupied", "Property Use": "property_type",
            "Last Sale Date": "last_sale_on", "Last Sale Amount": "last_sale_amount",
            "Estimated Value": "estimated_value", "Estimated Equity": "estimated_equity",
            "Open Mortgage Balance": "loan_balance", "Assessed Total Value": "assessed_value",
        },
        *_OWNERS,
        extra=(
            "Lot (Acres)", "Land Use", "Subdivision", "Legal Description", "Units Count", "# of Stories", "Garage Type",
            "Garage Square Feet", "Air Conditioning Type", "Heating Type", "Fireplace", "Ownership Length (Months)",
            "Owner Type", "Vacant?", "Listing Status", "Listing Price", "Days on Market", "Last Updated",
            "Listing Agent Full Name", "Listing Agent First Name", "Listing Agent Last Name", "Listing Agent Email",
            "Listing Agent Phone", "Listing Office Phone", "MLS Type", "Foreclosure Sale Date", "Equity Percent",
            "Estimated Equity Percent", "Mortgage Interest Rate", "Mortgage Document Date", "Mortgage Loan Type",
            "Lender Name", "Deed Type", "Position", "Status", "Default Amount", "Opening bid", "Recording Date",
            "Auction Date", "Tax Amount", "Assessment Year", "Assessed Land Value", "Assessed Improvement Value",
            "Market Value", "Market Land Value", "Market Improvement Value",
        ),
    ),
)  # fmt: skip

PROPERTYRADAR = layout(
    "propertyradar",
    "PropertyRadar export",
    [["Radar ID"]],
    table(
        {
            "Address": "street", "City": "city", "State": "state", "ZIP": "zip", "County": "county", "APN": "apn",
            "Owner": "owner_roll", "Mail Address": "mailing_street", "Mail City": "mailing_city",
            "Mail State": "mailing_state", "Mail ZIP": "mailing_zip", "Est Value": "estimated_value",
            "Yr Built": "year_built", "Orig Sale Date": "last_sale_on",
        },
        extra=("Radar ID", "Primary Name", "Est Equity %"),
    ),
)  # fmt: skip

DATASIFT = layout(
    "datasift",
    "DataSift upload",
    [["MSL Status", "Tax Deliquent Value"], ["Property Street", "DM Relationship", "Decision Maker"]],
    table(
        {
            "Property Street": "street", "Property City": "city", "Property State": "state", "Property ZIP": "zip",
            "Owner First Name": "owner_1_first_name", "Owner Last Name": "owner_1_last_name", **_MAILING,
            "Tags": "tags", "Lists": "lists", "Notes": "notes", "Estimated Value": "estimated_value",
            "Last Sale Date": "last_sale_on", "Last Sale Price": "last_sale_amount",
            "Probate Open Date": "probate_filed_on", "Personal Representative": "personal_representative_name",
            "Parcel ID": "apn", "Structure Type": "property_type", "Year Built": "year_built",
            "Living SqFt": "building_sqft", "Bedrooms": "bedrooms", "Bathrooms": "bathrooms",
            "Owner Deceased": "owner_deceased", "Date of Death": "decedent_died_on", "Decedent Name": "decedent_name",
            "Decision Maker": "decision_maker_name", "DM Relationship": "decision_maker_role",
        },
        ("Phone {n}", "phone_{n}", 9),
        ("Email {n}", "email_{n}", 5),
        extra=(
            "MSL Status", "Equity Percentage", "Tax Deliquent Value", "Tax Delinquent Year", "Tax Auction Date",
            "Foreclosure Date", "Lot (Acres)", "Notice Type", "DM Confidence", "Obituary URL", "Source URL",
        ),
    ),
)  # fmt: skip
"""The misspelt headers are the vendor's own."""

TRACERFY = layout(
    "tracerfy_result",
    "Tracerfy skip-trace result",
    [["primary_phone", "mobile_1", "landline_1"]],
    table(
        {
            "address": "street", "city": "city", "state": "state", "zip": "zip", "first_name": "owner_1_first_name",
            "last_name": "owner_1_last_name", "mail_address": "mailing_street", "mail_city": "mailing_city",
            "mail_state": "mailing_state", "mail_zip": "mailing_zip", "primary_phone": "phone_1",
            "primary_phone_type": "phone_1_type", "primary_phone_dnc": "phone_1_dnc",
            **{f"mobile_{n}": f"phone_{n + 1}" for n in range(1, 6)},
            **{f"mobile_{n}_dnc": f"phone_{n + 1}_dnc" for n in range(1, 6)},
            **{f"landline_{n}": f"phone_{n + 6}" for n in range(1, 4)},
            **{f"landline_{n}_dnc": f"phone_{n + 6}_dnc" for n in range(1, 4)},
        },
        ("email_{n}", "email_{n}", 5),
    ),
    fixed={f"phone_{n}_type": "mobile" for n in range(2, 7)} | {f"phone_{n}_type": "landline" for n in range(7, 10)},
)  # fmt: skip

TRACERFY_DNC = layout(
    "tracerfy_dnc",
    "Tracerfy DNC scrub",
    [["is_clean", "national_dnc", "litigator"]],
    table({
        "phone": "phone_1", "is_clean": "phone_1_clean", "national_dnc": "phone_1_national_dnc",
        "state_dnc": "phone_1_state_dnc", "dma": "phone_1_dnc", "litigator": "phone_1_litigator",
    }),
)  # fmt: skip

TITLEPRO = layout(
    "titlepro_events",
    "TitlePro / DataTree events",
    [["1st Owner's First Name", "1st Owner's Last Name", "APN"]],
    table(
        {
            "APN": "apn", "1st Owner's First Name": "owner_1_first_name", "1st Owner's Last Name": "owner_1_last_name",
            "Site Address": "street", "Site City": "city", "Site State": "state", "Site Zip": "zip",
            "County": "county", "State": "state",
        },
        extra=(
            "APN (text)",
            *(f"{kind}.{part}" for kind in ("AD", "CP", "LP", "BK", "DF") for part in ("type", "file_date")),
        ),
    ),
)  # fmt: skip
"""The events' dates are recording dates of documents, so none of them is a day of death."""
